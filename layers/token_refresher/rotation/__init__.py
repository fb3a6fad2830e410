"""The write protocol of docs/rotation.md: how a grant becomes the current version, even if a process dies on the way.

Imports `credential` and below. Knows no provider and no registry.
"""
