"""Real answers from public reports, read by the real client: who has to act, and why."""

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.answers import answered, body
from token_refresher.base.words import MICROSOFT
from token_refresher.diagnosis.catalogue import aadsts_codes, oauth_errors, phrases, rows, suberrors
from token_refresher.diagnosis.diagnosis import Actor

NOBODY, USER, OPERATOR = Actor.NOBODY, Actor.USER, Actor.OPERATOR
CANARY = "canary-7bd1"


@pytest.mark.parametrize(
    ("answer", "actor", "certain", "meaning"),
    [
        pytest.param(
            {
                "error": "invalid_grant",
                "error_description": "The user could not be authenticated or the grant is expired. The user must first"
                " sign in and if needed grant the client application access to the requested scope.",
            },
            USER,
            True,
            "grant_ended",
            id="the personal account whose sign-in has ended, without a code",
        ),
        pytest.param(
            {"error": "invalid_request", "error_description": "Public clients can't send a client secret."},
            OPERATOR,
            True,
            "public_client",
            id="a secret from a public client, without a code",
        ),
        pytest.param(
            body(
                7000215,
                "invalid_client",
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret"
                " value, not the client secret ID, for a secret added to app 'app-1'.",
            ),
            OPERATOR,
            True,
            "client_secret_wrong",
            id="the secret's ID for its value",
        ),
        pytest.param(
            {
                "error": "invalid_client",
                "error_description": "Invalid client secret provided. Ensure the secret being sent in the request is"
                " the client secret value, not the client secret ID, for a secret added to app 'app-1'.",
            },
            OPERATOR,
            True,
            "client_secret_wrong",
            id="the secret's ID for its value, without a code",
        ),
        pytest.param(
            body(
                70000,
                "invalid_grant",
                "The provided value for the 'code' parameter is not valid. The code has expired.",
            ),
            USER,
            True,
            "code_expired",
            id="a code that has expired",
        ),
        pytest.param(
            {
                "error": "invalid_grant",
                "error_description": "The provided value for the 'code' parameter is not valid. The code has expired.",
            },
            USER,
            True,
            "code_expired",
            id="a code that has expired, without a code",
        ),
        pytest.param(
            {
                "error": "invalid_request",
                "error_description": "Error processing authorization request: authorization_link_redeemed",
            },
            USER,
            True,
            "code_used",
            id="a link that was used already, as a text",
        ),
        pytest.param(
            {"error": "authorization_link_redeemed"}, USER, True, "code_used", id="a link that was used, as an error"
        ),
        pytest.param(
            {
                "error": "invalid_grant",
                "error_description": "Your Microsoft Ads refresh token has expired. Please, create a new credential.",
            },
            USER,
            True,
            "grant_ended",
            id="an expired refresh token, in the words of another product",
        ),
        pytest.param(
            body(
                700082,
                "invalid_grant",
                "The refresh token has expired due to inactivity. The token was issued on"
                " 2025-10-01T00:00:00.0000000Z and was inactive for 90.00:00:00.",
                suberror="bad_token",
            ),
            USER,
            True,
            "grant_ended",
            id="an expired refresh token, as the identity platform says it",
        ),
    ],
)
def test_a_reported_answer_has_the_right_meaning(
    answer: dict[str, Any], actor: Actor, meaning: str, *, certain: bool
) -> None:
    diagnosis = answered(answer)
    assert (diagnosis.actor, diagnosis.certain, diagnosis.meaning) == (actor, certain, meaning)


@pytest.mark.parametrize(
    ("text", "actor", "certain", "meaning"),
    [
        pytest.param(
            "The user could not be authenticated as the grant is expired. The user must sign in again.",
            USER,
            True,
            "grant_ended",
            id="the grant has expired",
        ),
        pytest.param(
            "The user could not be authenticated or user interaction is required. The user must sign in again and if"
            " needed grant the client application access to the requested scope",
            USER,
            True,
            "interaction",
            id="the user must take part",
        ),
        pytest.param(
            "The user could not be authenticated or the grant is expired. The user must first sign in and if needed"
            " grant the client application access to the requested scope.",
            USER,
            True,
            "grant_ended",
            id="the grant has expired, as the advertising pages have it",
        ),
        pytest.param(
            "The request was denied because one or more scopes requested are unauthorized or expired. The user must"
            " first sign in and grant the client application access to the requested scope.",
            USER,
            True,
            "consent_missing",
            id="the scope was never accepted",
        ),
        pytest.param(
            "The provided value for the input parameter 'refresh_token' or 'assertion' is not valid.",
            USER,
            False,
            "refused_perhaps",
            id="the one that passes at times",
        ),
        pytest.param(
            "User account is found to be in service abuse mode.", USER, True, "account_abused", id="a blocked account"
        ),
        pytest.param(
            "The provided value for the 'code' parameter is not valid. The code has expired.",
            USER,
            True,
            "code_expired",
            id="the code has expired",
        ),
        pytest.param(
            "The provided value for the 'code' parameter is not valid.", USER, True, "code_used", id="the code is used"
        ),
        pytest.param(
            "'redirect_uri' must be provided when presenting an authorization code requested with a 'redirect_uri'.",
            OPERATOR,
            True,
            "request_refused",
            id="the redirect URI is missing",
        ),
        pytest.param(
            "Transmission data parser failure: Authorization Code is malformed or invalid.",
            USER,
            False,
            "unreadable_grant",
            id="the code cannot be read",
        ),
        pytest.param(
            "Authentication failed: Refresh Token is malformed or invalid.",
            USER,
            False,
            "unreadable_grant",
            id="the refresh token cannot be read",
        ),
        pytest.param(
            "The provided access grant is invalid or malformed.",
            USER,
            False,
            "unreadable_grant",
            id="the grant cannot be read",
        ),
        pytest.param(
            "InvalidGrant - Authentication failed. The refresh token isn't valid. Error might be due to: Token binding"
            " header is empty; Token binding hash does not match",
            USER,
            False,
            "refused_perhaps",
            id="the refresh token is not valid",
        ),
        pytest.param("Something that nobody has seen yet.", USER, False, "refused_perhaps", id="anything else"),
    ],
)
@pytest.mark.parametrize("first", [None, 70002], ids=["alone", "as the second of two codes"])
def test_trap_2_the_text_decides_for_an_ambiguous_code(
    text: str, actor: Actor, meaning: str, first: int | None, *, certain: bool
) -> None:
    diagnosis = answered(body(70000, "invalid_grant", text, first=first))
    assert (diagnosis.actor, diagnosis.certain, diagnosis.meaning, diagnosis.code) == (actor, certain, meaning, "70000")


def test_every_phrase_has_a_test_here_or_in_the_other_traps() -> None:
    assert {name for name, phrase in phrases().items() if 70000 in phrase.codes} == {
        "scope_not_consented",
        "expired_grant",
        "interaction_needed",
        "intermittent",
        "service_abuse",
        "malformed_token",
        "refresh_token_not_valid",
        "code_expired",
        "code_invalid",
        "redirect_uri_missing",
        "redirect_uri_differs",
    }


WORDS = st.sampled_from([*oauth_errors(), *suberrors(), *(words for one in phrases().values() for words in one.words)])
NUMBERS = st.sampled_from(sorted(aadsts_codes())) | st.integers()


@given(
    status=st.sampled_from([429]) | st.integers(500, 599),
    document=st.fixed_dictionaries(
        {},
        optional={
            "error": WORDS,
            "suberror": WORDS,
            "error_codes": st.lists(NUMBERS, max_size=3),
            "error_description": WORDS,
        },
    )
    | st.text(max_size=20),
)
def test_nobody_has_to_act_on_a_429_or_a_5xx_whatever_it_says(status: int, document: Any) -> None:
    assert answered(document, status).actor is NOBODY


@given(
    status=st.sampled_from([302, 400, 401, 403, 408, 429, 500, 503]),
    around=st.tuples(WORDS | st.text(max_size=20), WORDS | st.text(max_size=20)),
    codes=st.lists(NUMBERS, max_size=3),
    error=WORDS,
)
def test_a_diagnosis_contains_nothing_of_a_description(
    status: int, around: tuple[str, str], codes: list[int], error: str
) -> None:
    """A description may quote the request."""
    text = f"{around[0]} {CANARY} {around[1]}"
    diagnosis = answered({"error": error, "error_codes": codes, "error_description": text, "claims": CANARY}, status)
    assert CANARY not in repr(asdict(diagnosis))


@pytest.mark.parametrize("code", [code for code, row in rows("aadsts")["codes"].items() if "error" in row])
def test_a_code_with_its_usual_error_has_the_meaning_of_the_catalogue(code: str) -> None:
    row = rows("aadsts")["codes"][code]
    known = aadsts_codes()[int(code)].of(MICROSOFT)
    diagnosis = answered(body(int(code), row["error"], "Whatever it says."), row["http_status"])
    passing = row["http_status"] in {429, 500, 503}
    assert diagnosis.actor is (NOBODY if passing else known.actor)
    assert passing or not row.get("decides", True) or diagnosis.cause == known.cause
