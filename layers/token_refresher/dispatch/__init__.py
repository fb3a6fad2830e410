"""One tick: enqueue the credentials that are due, then discover secrets that changed.

Imports `registry` and below. Sees no secret value: its modules import no document, no provider, no alert and no write
protocol (`.importlinter`), and its role may read no value.
"""
