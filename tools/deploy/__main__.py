"""``python -m tools.deploy``."""

import sys

from tools.deploy.deploy import main

if __name__ == "__main__":
    sys.exit(main())
