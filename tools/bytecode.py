"""``python bytecode.py BUILD_FOLDER``: compiles the output of "sam build", for the Python that runs this."""

import compileall
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

IN_LAMBDA = {"Layer": "/opt", "Function": "/var/task"}
"""The folders of functions and layers in Lambda, by the endings of their names."""


def main() -> int:
    """Compile every function and every layer; return 1 if a file cannot be compiled."""
    done = [
        compileall.compile_dir(
            built,
            maxlevels=99,
            stripdir=str(built),
            prependdir=folder,
            quiet=1,
            workers=1,
            # Nothing changes in Lambda's folders, so no file needs a check against its source.
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )
        for built in Path(sys.argv[1]).iterdir()
        for end, folder in IN_LAMBDA.items()
        if built.name.endswith(end)
    ]
    return 0 if done and all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
