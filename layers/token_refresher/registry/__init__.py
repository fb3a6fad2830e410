"""The registry entry of one credential, and the port to the table. An entry never holds a secret value.

Imports `rotation`, `providers`, `invites` and below. Knows no message.
"""
