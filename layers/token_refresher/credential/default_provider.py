"""The provider of a document that names none."""

from typing import Final

DEFAULT_PROVIDER: Final = "microsoft-advertising"
