"""The commands, one a module; each is registered in `token_refresher_cli.main`.

Imports every other room. Has no rule of its own.
"""
