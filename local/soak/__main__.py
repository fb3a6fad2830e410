"""``python -m local.soak``."""

import sys

from local.soak.soak import main

if __name__ == "__main__":
    sys.exit(main())
