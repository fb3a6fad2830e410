"""The pages and routes of the callback function.

Imports `consent` and below. No other function loads it.
"""
