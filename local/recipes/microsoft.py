"""Microsoft at its real names, on loopback and over TLS: what a client sends is on record.

The project's own stand-in is behind it, which knows the tokens that it issued and when they end.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import requests

from local.identity_provider.people import DEFAULT_ACCOUNT
from local.recipes import soap
from local.recipes.authority import Authority
from local.recipes.background import QuietHandler, serving

ADS_API: Final = "clientcenter.api.bingads.microsoft.com"
CAMPAIGNS: Final = "campaign.api.bingads.microsoft.com"
TOKEN_ENDPOINT: Final = "login.microsoftonline.com"
LIVE: Final = "login.live.com"
"""The token endpoint of an older SDK for an older scope. Here it refuses everything."""

HOSTS: Final = (ADS_API, CAMPAIGNS, TOKEN_ENDPOINT, LIVE)

_TIMEOUT_SECONDS: Final = 30


@dataclass(frozen=True)
class Exchange:
    """One request that a client sent, and the status of the answer.

    Attributes:
        host: The host that the client meant.
        path: The path.
        operation: The operation of SOAP, or the path of REST.
        headers: The headers of SOAP, or those of HTTP with small letters.
        code: The code of the fault in the answer; 0 without one.
    """

    host: str
    path: str
    operation: str
    headers: dict[str, str] = field(repr=False)
    code: int = 0

    @property
    def access_token(self) -> str:
        """The access token that was sent."""
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        return self.headers.get("AuthenticationToken", bearer)


class Microsoft:
    """What clients sent to Microsoft."""

    def __init__(self, url: str, certificate: Path) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._actions: dict[int, Callable[[], None]] = {}
        self._asked_for: set[str] = set()
        self.certificate = certificate
        self.port = 0
        self.exchanges: list[Exchange] = []

    def after(self, calls: int, action: Callable[[], None]) -> None:
        """Do something once the Ads API has answered so many calls."""
        self._actions[calls] = action

    @property
    def calls(self) -> list[Exchange]:
        """The calls of the Ads API, in order."""
        return [one for one in self.exchanges if one.host in {ADS_API, CAMPAIGNS}]

    @property
    def token_requests(self) -> list[Exchange]:
        """The requests for tokens, of which a consumer makes none."""
        return [one for one in self.exchanges if one.host in {TOKEN_ENDPOINT, LIVE}]

    @property
    def strangers(self) -> set[str]:
        """The other hosts that a client tried to reach."""
        return self._asked_for - {*HOSTS}

    def meet(self, _: object, host: str | None, __: object) -> None:
        """Note the host that a client asks for in the TLS handshake."""
        self._asked_for.add(host or "")

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        """Answer one request: return the status, the content type and the body."""
        host = headers.get("host", "").partition(":")[0]
        with self._lock:
            answer = (
                self._soap(host, path, body) if path.endswith(".svc") else self._rest(method, host, path, headers, body)
            )
            if action := self._actions.pop(len(self.calls), None):
                action()
            return answer

    def _rest(self, method: str, host: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        if host == LIVE:
            self.exchanges.append(Exchange(host, path, path, headers))
            return 400, "application/json", b'{"error": "invalid_grant", "error_description": "Refused."}'
        sent = {name: value for name, value in headers.items() if name not in {"host", "content-length", "connection"}}
        answer = requests.request(method, self._url + path, headers=sent, data=body, timeout=_TIMEOUT_SECONDS)
        self.exchanges.append(Exchange(host, path, path, headers, _code(answer)))
        return answer.status_code, answer.headers["Content-Type"], answer.content

    def _soap(self, host: str, path: str, body: bytes) -> tuple[int, str, bytes]:
        call = soap.Call.read(body)
        headers = {
            "Authorization": f"Bearer {call.headers.get('AuthenticationToken', '')}",
            "DeveloperToken": call.headers.get("DeveloperToken", ""),
        }
        named = call.arguments.get("AccountId") or call.headers.get("CustomerAccountId")
        asked = {"AccountId": named or DEFAULT_ACCOUNT.account_id}
        answer = requests.post(
            f"{self._url}/CustomerManagement/v13/Account/Query", json=asked, headers=headers, timeout=_TIMEOUT_SECONDS
        )
        self.exchanges.append(Exchange(host, path, call.operation, call.headers, _code(answer)))
        if not answer.ok:
            return 500, "text/xml; charset=utf-8", soap.fault(answer.json()["Errors"][0])
        return 200, "text/xml; charset=utf-8", call.answer(answer.json()["Account"])


def _code(answer: requests.Response) -> int:
    errors: list[dict[str, Any]] = answer.json().get("Errors") or [{"Code": 0}]
    return int(errors[0]["Code"])


@contextmanager
def at_its_names(url: str, folder: Path) -> Iterator[Microsoft]:
    """Serve Microsoft on a port of loopback, with the stand-in at a URL behind it."""
    authority = Authority.in_folder(folder)
    microsoft = Microsoft(url, authority.trusted)

    class Handler(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802 - http.server calls it by this name.
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            self.send(*microsoft.answer(self.command, self.path, headers, body))

    tls = authority.context(names=HOSTS)
    tls.sni_callback = microsoft.meet
    with serving(Handler, tls) as microsoft.port:
        yield microsoft
