"""Of the description of an error answer, only the name of a phrase and the correlation id are kept."""

from typing import Any

import pytest

from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.providers.refusal_facts import refusal_facts

ID = "00000000-0000-4000-8000-000000000009"


@pytest.mark.parametrize(
    ("fields", "correlation_id"),
    [
        pytest.param({"error_description": f"AADSTS65004: x\r\nCorrelation ID: {ID}\r\nTimestamp: x"}, ID, id="lines"),
        pytest.param({"error_description": f"AADSTS65004: x Trace ID: y Correlation ID: {ID} z"}, ID, id="one line"),
        pytest.param({"error_description": f"x Correlation ID: {ID[:-1]}0", "correlation_id": ID}, ID, id="its field"),
        pytest.param({"error_description": f"the id is {ID}"}, "", id="an id without its label"),
        pytest.param({"error_description": "Correlation ID: planted-canary-of-36-characters-long"}, "", id="no id"),
        pytest.param({"error_description": f"Correlation ID: {ID}0"}, "", id="longer than an id"),
        pytest.param({"error_description": [f"Correlation ID: {ID}"]}, "", id="a list"),
        pytest.param({}, "", id="nothing"),
    ],
)
def test_the_correlation_id_is_read_from_the_description_if_it_has_no_field(
    fields: dict[str, Any], correlation_id: str
) -> None:
    """The authorization endpoint sends only an error and a description, in a URL."""
    assert refusal_facts(400, fields).correlation_id == correlation_id


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        pytest.param(
            {"error_description": "AADSTS70000: The grant is expired.", "error_codes": [70002, 70000]},
            "expired_grant",
            id="the last code counts",
        ),
        pytest.param(
            {"error_description": "AADSTS70000: The grant is expired."}, "expired_grant", id="a code in the text"
        ),
        pytest.param({"error_description": "The grant is expired."}, "expired_grant", id="no code"),
        pytest.param({"error_description": "The grant is expired.", "error_codes": [700082]}, "", id="another code"),
        pytest.param({"error_description": {"is": "the grant is expired"}}, "", id="an object instead of a text"),
    ],
)
def test_a_phrase_becomes_its_name(fields: dict[str, Any], hint: str) -> None:
    assert refusal_facts(400, fields).hint == hint


def test_a_claims_challenge_is_kept_as_it_was_sent() -> None:
    claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'
    assert refusal_facts(400, {"error": "interaction_required", "claims": claims}).claims == claims


def test_claims_that_are_no_challenge_are_dropped() -> None:
    assert refusal_facts(400, {"claims": "planted-canary"}).claims == ""


def test_nothing_else_of_a_description_is_kept() -> None:
    facts = refusal_facts(400, {"error_description": "planted-canary: the grant is expired, planted-canary"})
    assert facts == ProviderFailure(FailureKind.REFUSED, 400, hint="expired_grant")
