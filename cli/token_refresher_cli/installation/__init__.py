"""A deployed stack: its secrets, registry, logs and settings. The only room of the command with boto3.

Imports `shell`. Decides nothing about a credential.
"""
