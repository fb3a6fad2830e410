"""Shows results: tables, texts and JSON.

Imports `changes` and below. Writes nothing to AWS.
"""
