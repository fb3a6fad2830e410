"""Answers of the identity platform that mislead a reader who considers only one field.

The second of these traps, a code of many causes, is in ``test_diagnosis_answers``.
"""

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.answers import answered, body
from token_refresher.diagnosis.catalogue import disputed_codes
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis

NOBODY, USER, OPERATOR, ADMINISTRATOR = Actor.NOBODY, Actor.USER, Actor.OPERATOR, Actor.ADMINISTRATOR
CLAIMS = '{"access_token":{"capolids":{"essential":true,"values":["00000000-0000-4000-8000-000000000003"]}}}'


def facts(diagnosis: Diagnosis) -> tuple[Actor, bool, str, str]:
    return diagnosis.actor, diagnosis.certain, diagnosis.code, diagnosis.meaning


def test_trap_1_a_loop_is_throttling_although_the_error_is_invalid_grant() -> None:
    diagnosis = answered(
        body(
            50196,
            "invalid_grant",
            "The server terminated an operation because it encountered a client request loop. Please contact your app"
            " vendor.",
        )
    )
    assert facts(diagnosis) == (NOBODY, True, "50196", "paused_by_microsoft")
    assert diagnosis.pause > timedelta(minutes=5)
    assert not diagnosis.outage


def test_trap_3_a_malformed_request_is_sent_as_invalid_grant_and_is_confirmed_first() -> None:
    diagnosis = answered(body(9002313, "invalid_grant", "Invalid request. Request is malformed or invalid."))
    assert facts(diagnosis) == (USER, False, "9002313", "unreadable_grant")


@pytest.mark.parametrize(
    ("code", "error", "actor", "meaning"),
    [
        pytest.param(50053, "unauthorized_client", NOBODY, "locked_for_now", id="a lock that passes"),
        pytest.param(50053, "invalid_grant", NOBODY, "locked_for_now", id="the same lock"),
        pytest.param(50055, "user_password_expired", USER, "password_change", id="an expired password"),
        pytest.param(50055, "invalid_grant", USER, "password_change", id="the same password"),
        pytest.param(50011, "invalid_client", OPERATOR, "redirect_uri", id="a redirect URI that is not registered"),
        pytest.param(50011, "invalid_request", OPERATOR, "redirect_uri", id="the same redirect URI"),
        pytest.param(90002, "invalid_request", OPERATOR, "tenant_unknown", id="an unknown tenant"),
        pytest.param(90002, "invalid_tenant", OPERATOR, "tenant_unknown", id="the same tenant"),
    ],
)
def test_trap_4_the_error_alone_would_point_to_the_wrong_actor(
    code: int, error: str, actor: Actor, meaning: str
) -> None:
    assert facts(answered(body(code, error, "Whatever it says."))) == (actor, True, str(code), meaning)


@pytest.mark.parametrize("error", ["invalid_grant", "interaction_required"])
@pytest.mark.parametrize(
    ("code", "suberror", "actor", "meaning"),
    [
        pytest.param(53003, "message_only", ADMINISTRATOR, "conditional_access", id="conditional access"),
        pytest.param(70043, "token_expired", USER, "sign_in_frequency", id="sign-in frequency"),
        pytest.param(50079, "basic_action", USER, "second_factor", id="a second factor to register"),
        pytest.param(50076, "basic_action", USER, "second_factor", id="a second factor"),
    ],
)
def test_trap_5_both_versions_of_the_endpoint_mean_the_same(
    error: str, code: int, suberror: str, actor: Actor, meaning: str
) -> None:
    answer = body(code, error, "Whatever it says.", suberror=suberror) | {"claims": CLAIMS}
    assert facts(answered(answer)) == (actor, True, str(code), meaning)


@pytest.mark.parametrize("code", [53000, 53001, 53002, 53003, 530002, 530003, 530021, 530031, 530035, 530084])
def test_trap_6_the_administrator_has_to_lift_a_block_by_device_or_place(code: int) -> None:
    diagnosis = answered(body(code, "invalid_grant", "Access has been blocked.", suberror="message_only"))
    assert (diagnosis.actor, diagnosis.certain) == (ADMINISTRATOR, True)
    assert "signing in again does not help" in diagnosis.action


@pytest.mark.parametrize("seconds", [28800, 86400, 1209600, 2592000])
def test_trap_7_a_sign_in_that_ends_by_rule_will_end_again_until_an_administrator_acts(seconds: int) -> None:
    text = (
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token"
        f" was issued on 2026-01-01T00:00:00Z and the maximum allowed lifetime for this request is {seconds}."
    )
    diagnosis = answered(body(70043, "invalid_grant", text, suberror="token_expired"))
    assert facts(diagnosis) == (USER, True, "70043", "sign_in_frequency")
    assert "administrator" in diagnosis.action
    assert str(seconds) not in diagnosis.cause


def test_trap_8_a_removed_device_is_no_revoked_sign_in() -> None:
    diagnosis = answered(body(700003, "invalid_grant", "Device object was not found in the tenant directory."))
    assert facts(diagnosis) == (USER, True, "700003", "device_unknown")


def test_trap_8_a_code_of_another_grant_is_not_mistaken_for_a_similar_one() -> None:
    """500133 is about an assertion that this service never sends; 50133 is about a session that was ended."""
    assert facts(answered(body(50133, "invalid_grant", "The session is not valid."))) == (
        USER,
        True,
        "50133",
        "revoked",
    )
    other = answered(body(500133, "invalid_grant", "Assertion is not within its valid time range.", first=70002))
    assert facts(other) == (USER, False, "invalid_grant", "refused_perhaps")
    assert other.help_url == "https://login.microsoftonline.com/error?code=500133"


@pytest.mark.parametrize("code", [700020, 700022, 700023, 90010])
@pytest.mark.parametrize(
    ("error", "actor", "meaning"),
    [
        pytest.param("interaction_required", USER, "interaction", id="the user"),
        pytest.param("invalid_client", OPERATOR, "client_refused", id="the application"),
        pytest.param("invalid_scope", OPERATOR, "scope_wrong", id="the scope"),
    ],
)
def test_trap_9_if_the_sources_disagree_the_error_decides(code: int, error: str, actor: Actor, meaning: str) -> None:
    assert code in disputed_codes()
    assert facts(answered(body(code, error, "Whatever it says."))) == (actor, True, error, meaning)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"error": "authorization_link_redeemed"}, id="in the words of another product"),
        pytest.param(
            body(
                54005,
                "invalid_grant",
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing"
                " refresh token.",
                first=70002,
            ),
            id="of two codes the last",
        ),
        pytest.param(
            body(70000, "invalid_grant", "The provided value for the 'code' parameter is not valid."),
            id="of a personal account",
        ),
    ],
)
def test_trap_10_a_used_link_and_a_used_code_have_the_same_meaning(answer: dict[str, Any]) -> None:
    diagnosis = answered(answer)
    assert (diagnosis.actor, diagnosis.meaning) == (USER, "code_used")
    assert "used already" in diagnosis.cause


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            {"error": "invalid_request", "error_description": "Public clients can't send a client secret."},
            id="without a code",
        ),
        pytest.param(body(90023, "invalid_request", "Public clients can't send a client secret."), id="with one code"),
        pytest.param(body(9002319, "invalid_request", "Public clients can't send a client secret."), id="with another"),
        pytest.param(
            body(
                700025,
                "invalid_client",
                "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
            ),
            id="in other words",
        ),
    ],
)
def test_trap_11_the_operator_has_to_fix_a_public_client_with_a_secret_in_every_form(answer: dict[str, Any]) -> None:
    diagnosis = answered(answer)
    assert (diagnosis.actor, diagnosis.certain, diagnosis.meaning) == (OPERATOR, True, "public_client")
    assert "platform Web" in diagnosis.action


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        pytest.param("Public clients can't send a client secret.", "public_client", id="a public client with a secret"),
        pytest.param(
            "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
            "request_refused",
            id="an Origin header",
        ),
        pytest.param("Invalid STS request.", "request_refused", id="a contradiction"),
    ],
)
def test_the_text_decides_for_a_code_with_three_meanings(text: str, meaning: str) -> None:
    diagnosis = answered(body(90023, "invalid_request", text))
    assert facts(diagnosis) == (OPERATOR, True, "90023", meaning)


@pytest.mark.parametrize(
    ("error", "text", "meaning"),
    [
        pytest.param(
            "invalid_grant",
            "The provided value for the 'redirect_uri' is not valid. The value must exactly match the redirect URI used"
            " to obtain the authorization code.",
            "redirect_uri",
            id="another redirect URI than at the start",
        ),
        pytest.param(
            "invalid_request",
            "The provided value for the input parameter 'redirect_uri' is not valid. The expected value is a URI which"
            " matches a redirect URI registered for this client application.",
            "redirect_uri",
            id="a redirect URI that is not registered",
        ),
        pytest.param(
            "invalid_request",
            "The request is not valid for the application's 'userAudience' configuration. In order to use /common/"
            " endpoint, the application must not be configured with 'Consumer' as the user audience.",
            "account_types",
            id="personal accounts only",
        ),
        pytest.param(
            "unauthorized_client",
            "The client does not exist or is not enabled for consumers. If you are the application developer, configure"
            " a new application through the App Registrations in the Azure Portal.",
            "app_unknown",
            id="an application that does not exist",
        ),
        pytest.param(
            "invalid_request",
            "Application 'app-1' is not configured as a multi-tenant application. Usage of the /common endpoint is not"
            " supported for such applications created after '10/15/2018'.",
            "account_types",
            id="an application of one tenant",
        ),
        pytest.param(
            "invalid_client",
            "The app needs access to a service (https://ads.microsoft.com) that your organization has not subscribed to"
            " or enabled.",
            "service_missing",
            id="a service that is not set up",
        ),
    ],
)
def test_the_text_decides_for_a_personal_account_without_a_code(error: str, text: str, meaning: str) -> None:
    diagnosis = answered({"error": error, "error_description": text})
    assert (diagnosis.certain, diagnosis.code, diagnosis.meaning) == (True, error, meaning)
