"""Writes docs/reference.md, and the cost in docs/deploy.md."""
