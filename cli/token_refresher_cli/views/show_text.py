"""The text of `show`: what is known of a credential, section by section. Unknown values are left out."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from token_refresher.alerts.expiry import STAGES
from token_refresher.base.clock import from_rfc3339, readable_time
from token_refresher.base.text import readable, span
from token_refresher.credential.default_provider import DEFAULT_PROVIDER

_Line = tuple[str, str]


def sections(shown: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, list[_Line]]]:
    """Yield each heading with the labels and texts below it.

    Args:
        shown: The result of `credential_document`.
        now: The current time.
    """
    found = {
        "Provider": _provider(shown["provider"]),
        "Token": _token(shown["token"], now),
        "Consent": _consent(shown["consent"]),
        "Account": _account(shown["account"]),
        "What is wrong": _wrong(shown),
        "Alerts": _alerts(shown),
        "Last refresh on demand": _answer(shown["answer"]),
        "Secret": _secret(shown["secret"]),
        "Document": _document(shown["document"], now),
        "Refresh tokens, the newest last": [("", one) for one in shown["lineage"]],
    }
    for heading, lines in found.items():
        kept = [(label, text) for label, text in lines if text]
        if kept:
            yield heading, kept


def _provider(provider: Mapping[str, Any]) -> list[_Line]:
    if provider["name"] == DEFAULT_PROVIDER:
        return []
    return [("Name", provider["name"]), ("Issued by", provider["title"] or ""), ("Reads", provider["product"] or "")]


def _token(token: Mapping[str, Any], now: datetime) -> list[_Line]:
    good = ""
    if token["expires_at"]:
        ends_at = from_rfc3339(token["expires_at"])
        good = f"until {readable_time(ends_at)}, {span(ends_at - now)}"
        if ends_at <= now:
            good = f"expired {readable_time(ends_at)}, {span(now - ends_at)} ago"
    return [
        ("Good", good),
        ("Refreshed", _time(token["refreshed_at"])),
        ("Refresh token", _since(token["refresh_token_issued_at"], now)),
        ("It ends", _ends(token["refresh_token_expires_at"], now)),
        ("Unused, it ends", _time(token["refresh_token_idle_until"])),
        ("Granted scope", token["granted_scope"] or ""),
    ]


def _consent(consent: Mapping[str, str] | None) -> list[_Line]:
    if consent is None:
        return []
    return [
        ("By", consent.get("username", "")),
        ("At", _time(consent["consented_at"])),
        ("Tenant", consent.get("tenant_id", "")),
        ("Object", consent.get("object_id", "")),
        ("Subject", consent.get("subject", "")),
    ]


def _account(account: Mapping[str, Any]) -> list[_Line]:
    return [
        ("Id", account["id"] or ""),
        ("Name", account["name"] or ""),
        ("Status", account["status"] or ""),
        ("Access", account["access"] or ""),
    ]


def _wrong(shown: Mapping[str, Any]) -> list[_Line]:
    diagnosis, problem = shown["diagnosis"], shown["document"]["problem"]
    lines = [("Malformed", problem or "")]
    if diagnosis is None:
        return lines
    attempts = shown["failures"]
    since = f", since {_time(shown['failing_since'])}" if shown["failing_since"] else ""
    return [
        *lines,
        ("Code", diagnosis["code"]),
        ("HTTP status", str(diagnosis["http_status"] or "")),
        ("Reason", diagnosis["reason"] or ""),
        ("Cause", diagnosis["cause"]),
        ("Who must act", diagnosis["actor"]),
        ("What to do", diagnosis["action"]),
        ("Attempts", f"{attempts} in a row{since}" if attempts else ""),
        ("Correlation id", diagnosis["correlation_id"] or ""),
        ("More", diagnosis["help_url"] or ""),
    ]


def _alerts(shown: Mapping[str, Any]) -> list[_Line]:
    alert = shown["alert"]
    lines = [("Warning sent", _warning(warning)) for warning in shown["warnings"]]
    if alert is None:
        return lines
    times = "once" if alert["told"] == 1 else f"{alert['told']} times"
    return [
        ("Open", f"{alert['event']}, since {_time(alert['since'])}"),
        ("Notified", f"{times}, last at {_time(alert['told_at'])}" if alert["told"] else "not yet"),
        ("Shared with", f"other credentials of the application, as {alert['incident']}" if alert["incident"] else ""),
        *lines,
    ]


def _warning(warning: str) -> str:
    """Put a warning into words. Colons separate its kind, its time and its stage, and stand in the time as well."""
    kind, _, rest = warning.partition(":")
    when, _, days = rest.rpartition(":")
    if kind == "client_secret":
        return f"the client secret expires at {_time(when)}; sent {days} days before"
    if kind == "certificate":
        return f"the certificate expires at {_time(when)}; sent {days} days before"
    if kind == "refresh_token_end":
        return f"the refresh token ends at {_time(when)}; sent {days} days before"
    return f"the refresh token of {_time(when)} was not replaced; sent after {days} days"


def _answer(answer: Mapping[str, Any] | None) -> list[_Line]:
    if answer is None:
        return []
    diagnosis = answer["diagnosis"]
    return [
        ("At", _time(answer["at"])),
        ("Result", answer["result"].replace("_", " ")),
        ("Cause", f"{diagnosis['cause']} ({diagnosis['code']})" if diagnosis else ""),
        ("What to do", diagnosis["action"] if diagnosis else ""),
        ("Refresh token", f"{answer['presented']} became {answer['issued']}" if answer["issued"] else ""),
        ("Client secret", "previous_client_secret worked" if answer["used_previous_client_secret"] else ""),
    ]


def _secret(secret: Mapping[str, Any]) -> list[_Line]:
    observed = secret["observed_version_id"]
    behind = observed is not None and observed != secret["version_id"]
    return [
        ("ARN", secret["arn"]),
        ("Description", readable(secret["description"])),
        ("Version", secret["version_id"] or ""),
        ("Pending", secret["pending_version_id"] or ""),
        ("In the registry", f"{observed}, another one: the next tick checks the secret again" if behind else ""),
        ("KMS key", secret["kms_key"]),
        ("Replicated to", ", ".join(secret["replicas"])),
        ("Created", _time(secret["created_at"])),
        ("Last read on", secret["last_read_on"] or ""),
        *((f"Tag {key}", value) for key, value in secret["tags"].items()),
    ]


def _document(document: Mapping[str, Any], now: datetime) -> list[_Line]:
    if not document["readable"]:
        return [("Not readable", "AWS does not let you read it (secretsmanager:GetSecretValue, kms:Decrypt).")]
    settings = dict(document["settings"])
    ends_at = settings.get("client_secret_expires_at")
    if ends_at:
        settings["client_secret_expires_at"] = f"{ends_at}{_remark(from_rfc3339(ends_at), now)}"
    return [
        *((key, value if isinstance(value, str) else json.dumps(value)) for key, value in settings.items()),
        *((key, f"fingerprint {shown}") for key, shown in document["fingerprints"].items()),
        ("Other keys", ", ".join(document["other_keys"])),
    ]


def _remark(ends_at: datetime, now: datetime) -> str:
    if ends_at <= now:
        return ", which is past"
    left = ends_at - now
    return f", in {span(left)}" if left.days <= max(STAGES) else ""


def _ends(text: str | None, now: datetime) -> str:
    if not text:
        return ""
    ends_at = from_rfc3339(text)
    is_over = ends_at <= now
    when = ", which is past" if is_over else f", in {span(ends_at - now)}: a person has to sign in before"
    return f"{readable_time(ends_at)}{when}"


def _time(text: str | None) -> str:
    return readable_time(from_rfc3339(text)) if text else ""


def _since(text: str | None, now: datetime) -> str:
    return f"of {_time(text)}, {span(now - from_rfc3339(text))} old" if text else ""
