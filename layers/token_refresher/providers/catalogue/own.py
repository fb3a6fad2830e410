"""An entry that a team writes: it has to be well formed, and to have addresses that tokens may be sent to."""

from token_refresher.providers.addresses import check_address
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher.providers.catalogue.reader import InvalidEntryError, read_entry
from token_refresher.providers.catalogue.table import line_of


def read_own_entry(name: str, text: str, file: str, *, is_local: bool = False) -> ProviderEntry:
    """Read the TOML text of an entry, and check its addresses.

    Args:
        name: The name of the provider.
        text: The text.
        file: The file or the parameter that it was read from, for errors.
        is_local: Whether addresses of this machine are allowed.

    Raises:
        InvalidEntryError: The text is no entry, or an address is missing, not https, or of a private network.
    """
    entry = read_entry(name, text, file)
    for key, url in _addresses(entry).items():
        problem = check_address(url, is_local=is_local) if url else "is missing"
        if problem:
            raise InvalidEntryError(file, line_of(text, key), key, problem)
    return entry


def _addresses(entry: ProviderEntry) -> dict[str, str]:
    needed = {
        "authorization.authorization_endpoint": entry.authorization.authorization_endpoint,
        "token.token_endpoint": entry.token.token_endpoint,
    }
    return needed | ({"access_check.url": entry.access_check_url} if entry.access_check_url else {})
