"""The JSON of the answer to a refresh on demand, and of what a failure means; `refresh` and `show` write the same."""

from typing import Any

from token_refresher.answer import Answer
from token_refresher.clock import optional_to_rfc3339, to_rfc3339
from token_refresher.diagnosis import Diagnosis


def answer_document(answer: Answer) -> dict[str, Any]:
    """Return how a refresh on demand ended: times are RFC 3339 texts, tokens are named by their fingerprints."""
    return {
        "request_id": answer.request_id,
        "at": to_rfc3339(answer.at),
        "result": str(answer.result),
        "diagnosis": diagnosis_document(answer.diagnosis) if answer.diagnosis else None,
        "expires_at": optional_to_rfc3339(answer.expires_at),
        "presented": answer.presented or None,
        "issued": answer.issued or None,
        "used_previous_client_secret": answer.used_previous_client_secret,
    }


def diagnosis_document(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return what a failure means."""
    return {
        "code": diagnosis.code,
        "actor": str(diagnosis.actor),
        "certain": diagnosis.certain,
        "cause": diagnosis.cause,
        "action": diagnosis.action,
        "error": diagnosis.error or None,
        "suberror": diagnosis.suberror or None,
        "http_status": diagnosis.http_status,
        "correlation_id": diagnosis.correlation_id or None,
        "help_url": diagnosis.help_url or None,
    }
