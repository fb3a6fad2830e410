"""Changes secrets, the registry and the refresh queue.

Imports `values` and below. Prints no result.
"""
