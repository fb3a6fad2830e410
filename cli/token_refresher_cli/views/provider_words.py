"""How a provider behaves, in a few words: what becomes of a refresh token, and when it ends."""

from token_refresher.base.text import span
from token_refresher.providers.catalogue.entry import ProviderEntry, TokenRotation

_ROTATION = {
    TokenRotation.ALWAYS: "each refresh replaces it",
    TokenRotation.SOMETIMES: "a refresh may replace it",
    TokenRotation.NEVER: "it stays",
    None: "not known",
}


def rotation(entry: ProviderEntry) -> str:
    """Say whether a refresh brings another refresh token."""
    return _ROTATION[entry.refresh_token.rotation]


def end(entry: ProviderEntry) -> str:
    """Say when a refresh token ends; empty if no end is known."""
    facts, ends = entry.refresh_token, []
    if facts.lifetime is not None:
        since = "its issue" if facts.is_extended else "the sign-in"
        ends.append(f"{span(facts.lifetime)} after {since}")
    elif facts.lifetime_member:
        ends.append("when the answer says so")
    if facts.idle is not None:
        ends.append(f"after {span(facts.idle)} without use")
    return ", or ".join(ends)
