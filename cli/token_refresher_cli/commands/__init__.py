"""The commands, one a module; each is registered in `token_refresher_cli.main`."""
