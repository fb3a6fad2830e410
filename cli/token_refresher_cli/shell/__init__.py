"""The terminal, the errors and the exit codes.

Imports no room. Knows no AWS.
"""
