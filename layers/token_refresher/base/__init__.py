"""Clock, durations, texts, errors: tools that every room uses.

Imports no other room. Knows nothing of credentials, OAuth or AWS.
"""
