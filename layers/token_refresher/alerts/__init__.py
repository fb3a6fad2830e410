"""Whom to notify, when, and in which words. What failed and what to do about it are words of `diagnosis/data`.

Imports `registry` and below. Knows no use case and no topic of AWS.
"""
