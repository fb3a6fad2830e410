"""``python -m token_refresher_cli`` is ``token-refresher``."""

from token_refresher_cli.main import main

if __name__ == "__main__":
    main()
