"""The credential document and its parts: keys, scopes, tokens, identity, account, status.

Imports `diagnosis` and below. Knows neither where documents are stored nor how tokens are refreshed.
"""
