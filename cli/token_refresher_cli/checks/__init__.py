"""The checks of ``doctor``: each gathers facts from AWS, and judges them by a pure function."""
