"""Reads and checks what an operator gives, before anything is written.

Imports `installation` and below. Reads and writes no AWS.
"""
