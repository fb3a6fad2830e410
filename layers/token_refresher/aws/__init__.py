"""The adapters: each port on AWS. Only this room and `entrypoints` import boto3.

Imports the ports and records that it serves. Decides nothing.
"""
