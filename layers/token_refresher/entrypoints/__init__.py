"""The entry points of Lambda: settings, clients, logs and metrics, pages, and the builder of each function.

Imports every room. No room imports it.
"""
