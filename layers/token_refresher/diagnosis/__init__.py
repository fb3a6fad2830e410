"""The meaning of failures and who has to act: a catalogue in TOML, and the code that evaluates it.

Imports `base`. Knows no credential: it evaluates facts.
"""
