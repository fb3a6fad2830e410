"""Writes docs/pages."""
