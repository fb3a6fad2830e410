"""The checks of ``doctor``: each reads facts from AWS and judges them with a pure function.

Imports `changes` and below.
"""
