"""Parses requests to the control API. Every error names the field."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from local.identity_provider import ads_errors
from local.identity_provider.catalogue import app_defaults, served
from local.identity_provider.faults import DEFAULT_SECONDS, Fault, FaultKind, claims_challenge
from local.identity_provider.people import ACCOUNT_IDS, PEOPLE, LifeCycleStatus
from local.identity_provider.records import App
from local.identity_provider.token_rules import Rotation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

T = TypeVar("T")
D = TypeVar("D")


class BadInputError(Exception):
    """A field has an unusable value."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


def app(client_id: str, sent: dict[str, Any], defaults: App) -> App:
    """Return the app that a `PUT` describes; missing fields come from the defaults."""
    _check_names(
        sent,
        (
            "provider",
            "client_secret",
            "newer_client_secret",
            "redirect_uris",
            "rotation",
            "access_token_lifetime_seconds",
            "refresh_token_lifetime_seconds",
            "expires_in_as_string",
            "auto_account",
            "certificate",
        ),
    )
    defaults = app_defaults(_provider("provider", sent["provider"])) if sent.get("provider") else defaults
    return App(
        client_id=client_id,
        provider=defaults.provider,
        client_secret=_field(sent, "client_secret", None, _text),
        newer_client_secret=_field(sent, "newer_client_secret", None, _text),
        redirect_uris=_redirect_uris("redirect_uris", sent.get("redirect_uris")),
        rotation=_field(sent, "rotation", defaults.rotation, _rotation),
        access_token_lifetime=_field(sent, "access_token_lifetime_seconds", defaults.access_token_lifetime, _duration),
        refresh_token_lifetime=_field(
            sent, "refresh_token_lifetime_seconds", defaults.refresh_token_lifetime, _duration
        ),
        expires_in_as_string=_field(sent, "expires_in_as_string", defaults.expires_in_as_string, _flag),
        auto_account=_field(sent, "auto_account", None, _username),
        certificate=_field(sent, "certificate", None, _text),
    )


def fault(sent: dict[str, Any]) -> Fault:
    """Return the fault that a `POST` describes; `times` is 1 by default, and null for "until cleared"."""
    _check_names(sent, ("fault", "times", "seconds", "code"))
    kind = _fault_kind("fault", sent.get("fault"))
    if kind is FaultKind.CLAIMS_CHALLENGE:
        # It lasts until a sign-in meets it, so a count would mean nothing.
        _check_names(sent, ("fault",))
        return claims_challenge()
    return Fault(
        kind=kind,
        times=None if sent.get("times", 1) is None else _positive("times", sent.get("times", 1)),
        seconds=_field(sent, "seconds", DEFAULT_SECONDS, _positive),
        ads_code=_ads_code("code", sent.get("code"), kind),
    )


def life_cycle(account_id: str, sent: dict[str, Any]) -> LifeCycleStatus:
    """Return the status that a `PUT` sets for an ads account."""
    _check_names(sent, ("life_cycle_status",))
    if account_id not in ACCOUNT_IDS:
        raise BadInputError("account_id", _one_of(sorted(ACCOUNT_IDS)))
    return _life_cycle_status("life_cycle_status", sent.get("life_cycle_status"))


def username(sent: dict[str, Any]) -> str | None:
    """Return the person whose grants to revoke, or None for all."""
    _check_names(sent, ("username",))
    return _field(sent, "username", None, _username)


def nothing(sent: dict[str, Any]) -> None:
    """Refuse any field, for requests that have none."""
    _check_names(sent, ())


def _check_names(sent: dict[str, Any], known: Collection[str]) -> None:
    for name in sent:
        if name not in known:
            raise BadInputError(name, f"not a field of this request; {_one_of(known) if known else 'it has none'}")


def _field(sent: dict[str, Any], name: str, default: D, read: Callable[[str, Any], T]) -> T | D:
    value = sent.get(name)
    return default if value is None else read(name, value)


def _one_of(known: Iterable[str]) -> str:
    return f"must be one of {', '.join(known)}"


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise BadInputError(name, "must be a non-empty string")
    return value


def _redirect_uris(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise BadInputError(name, "must be a list of at least one URL")
    uris = tuple(_text(name, one) for one in value)
    if not all(one.startswith(("http://", "https://")) for one in uris):
        raise BadInputError(name, "must be URLs that start with http:// or https://")
    return uris


def _rotation(name: str, value: Any) -> Rotation:
    if value not in list(Rotation):
        raise BadInputError(name, _one_of(Rotation))
    return Rotation(value)


def _provider(name: str, value: Any) -> str:
    if value not in served():
        raise BadInputError(name, _one_of(sorted(served())))
    return str(value)


def _fault_kind(name: str, value: Any) -> FaultKind:
    if value not in list(FaultKind):
        raise BadInputError(name, _one_of(FaultKind))
    return FaultKind(value)


def _ads_code(name: str, value: Any, kind: FaultKind) -> int | None:
    if kind is not FaultKind.ADS_ERROR:
        if value is not None:
            raise BadInputError(name, f"belongs to {FaultKind.ADS_ERROR} alone")
        return None
    if not isinstance(value, int) or value not in ads_errors.ON_DEMAND:
        raise BadInputError(name, _one_of(map(str, ads_errors.ON_DEMAND)))
    return value


def _life_cycle_status(name: str, value: Any) -> LifeCycleStatus:
    if value not in list(LifeCycleStatus):
        raise BadInputError(name, _one_of(LifeCycleStatus))
    return LifeCycleStatus(value)


def _positive(name: str, value: Any) -> int:
    # bool is an int in Python, and `true` seconds is a mistake.
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadInputError(name, "must be a whole number of at least 1")
    return value


def _duration(name: str, value: Any) -> timedelta:
    return timedelta(seconds=_positive(name, value))


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadInputError(name, "must be true or false")
    return value


def _username(name: str, value: Any) -> str:
    if value not in list(PEOPLE):
        raise BadInputError(name, _one_of(PEOPLE))
    return str(value)
