"""Writes docs/alerts: the real use cases play each situation, and the messages go into a file each."""
