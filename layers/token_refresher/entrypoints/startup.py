"""The garbage collector during a cold start.

The collector looks for garbage each time that many objects have been made. While modules are loaded and clients are
built it looks dozens of times, and finds nothing: what a start makes stays. That takes a tenth of a cold start. So each
``app.py`` turns it off before it imports anything else, and the builder of the function turns it on again.
"""

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


def collecting_afterwards(build: Callable[_P, _T]) -> Callable[_P, _T]:
    """Return a builder that turns the garbage collector on again, and never lets it look at what is there already."""

    @wraps(build)
    def building(*arguments: _P.args, **named: _P.kwargs) -> _T:
        try:
            return build(*arguments, **named)
        finally:
            if not gc.isenabled():
                gc.freeze()
                gc.enable()

    return building
