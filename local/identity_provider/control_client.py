"""Registers applications at a running identity provider, and makes it fail on demand."""

from typing import Any, Final

import requests

_TIMEOUT_SECONDS: Final = 10


class IdentityProvider:
    """The control API of the identity provider, as methods; see `local.identity_provider.control_api`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def register(self, client_id: str, **settings: Any) -> None:
        """Register an application with ``redirect_uris`` and, if needed, ``client_secret`` and lifetimes."""
        self._call("PUT", client_id, settings)

    def revoke(self, client_id: str) -> None:
        """Revoke every grant of an application."""
        self._call("POST", f"{client_id}/revoke", {})

    def expire(self, client_id: str) -> None:
        """Make every refresh token of an application expire, as ninety days without use would."""
        self._call("POST", f"{client_id}/expire", {})

    def fault(self, client_id: str, fault: str, **details: Any) -> None:
        """Queue a fault for an application, for ``times`` requests; ``ads_error`` takes a ``code``."""
        self._call("POST", f"{client_id}/faults", {"fault": fault, **details})

    def challenge(self, client_id: str) -> str:
        """Refuse an application every token until a person signs in with the ``claims`` that this returns."""
        return str(self._call("POST", f"{client_id}/faults", {"fault": "claims_challenge"})["claims"])

    def behave(self, client_id: str) -> None:
        """Clear the faults of an application."""
        self._call("DELETE", f"{client_id}/faults", None)

    def set_life_cycle_status(self, client_id: str, account_id: str, status: str) -> None:
        """Set the status that an application sees of an ads account, such as ``Suspended``."""
        self._call("PUT", f"{client_id}/accounts/{account_id}", {"life_cycle_status": status})

    def journal(self, client_id: str) -> list[dict[str, Any]]:
        """Return the token requests of an application, in order, with fingerprints instead of tokens."""
        events: list[dict[str, Any]] = self._call("GET", f"{client_id}/journal", None)
        return events

    def authorizations(self, client_id: str) -> list[dict[str, Any]]:
        """Return the authorize requests of an application, in order, with their parameters and outcomes."""
        made: list[dict[str, Any]] = self._call("GET", f"{client_id}/authorizations", None)
        return made

    def newest_refresh_token(self, client_id: str) -> str:
        """Return the fingerprint of the newest refresh token."""
        return str(self._call("GET", f"{client_id}/grants", None)["newest_refresh_token"])

    def _call(self, method: str, path: str, document: dict[str, Any] | None) -> Any:
        answer = self._session.request(
            method, f"{self.url}/_control/apps/{path}", json=document, timeout=_TIMEOUT_SECONDS
        )
        answer.raise_for_status()
        return answer.json()
