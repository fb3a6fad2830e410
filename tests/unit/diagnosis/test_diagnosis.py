"""The meaning of a failure: who has to act, and whether one such answer is enough."""

import pytest

from tests.grids import sampled
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.words import MICROSOFT
from token_refresher.diagnosis.catalogue import aadsts_codes, disputed_codes, oauth_errors, suberrors
from token_refresher.diagnosis.diagnosis import Actor, diagnose

NUMBERS = sorted(aadsts_codes())
DECIDING = sorted(set(NUMBERS) - disputed_codes())
NOBODY, USER, OPERATOR, ADMINISTRATOR = Actor.NOBODY, Actor.USER, Actor.OPERATOR, Actor.ADMINISTRATOR


def refused(status: int, error: str = "", suberror: str = "", *codes: int, hint: str = "") -> ProviderFailure:
    return ProviderFailure(FailureKind.REFUSED, status, error, suberror, codes, hint=hint)


def facts(failure: ProviderFailure) -> tuple[Actor, bool, str]:
    diagnosis = diagnose(failure)
    return diagnosis.actor, diagnosis.certain, diagnosis.code


@pytest.mark.parametrize(
    ("failure", "actor", "certain", "code"),
    [
        # --- Nobody -------------------------------------------------------------------------------------------
        pytest.param(ProviderFailure(FailureKind.NOT_SENT), NOBODY, True, "not_sent", id="no connection"),
        pytest.param(ProviderFailure(FailureKind.NO_ANSWER), NOBODY, True, "no_answer", id="no answer"),
        pytest.param(
            ProviderFailure(FailureKind.NO_ANSWER, 200), NOBODY, True, "no_answer", id="an incomplete success"
        ),
        pytest.param(
            ProviderFailure(FailureKind.UNUSABLE_ANSWER, 200), NOBODY, True, "unusable_answer", id="an unusable success"
        ),
        pytest.param(
            ProviderFailure(FailureKind.UNUSABLE_ANSWER, 400),
            NOBODY,
            True,
            "unusable_answer",
            id="a page instead of a refusal",
        ),
        pytest.param(
            ProviderFailure(FailureKind.UNUSABLE_ANSWER, 503), NOBODY, True, "server_error", id="a page with a 503"
        ),
        pytest.param(
            ProviderFailure(FailureKind.UNUSABLE_ANSWER, 429), NOBODY, True, "throttled", id="throttled in plain text"
        ),
        pytest.param(refused(429, "invalid_grant", "", 700082), NOBODY, True, "throttled", id="a 429 whatever it says"),
        pytest.param(refused(408, "invalid_client"), NOBODY, True, "timed_out", id="a 408 whatever it says"),
        pytest.param(
            refused(500, "invalid_grant", "bad_token", 50173), NOBODY, True, "server_error", id="a 500 whatever it says"
        ),
        pytest.param(
            refused(503, "temporarily_unavailable", "", 90033), NOBODY, True, "server_error", id="a transient 503"
        ),
        pytest.param(refused(599, "invalid_client"), NOBODY, True, "server_error", id="the last of the 5xx"),
        pytest.param(
            refused(400, "temporarily_unavailable"), NOBODY, True, "temporarily_unavailable", id="busy with a 400"
        ),
        pytest.param(refused(400, "server_error"), NOBODY, True, "server_error", id="a fault with a 400"),
        pytest.param(refused(400, "server_error", "", 90041), NOBODY, True, "90041", id="the same, with its code"),
        pytest.param(refused(400, "invalid_grant", "", 50196), NOBODY, True, "50196", id="a loop, which is throttling"),
        pytest.param(refused(400), NOBODY, False, "unknown", id="a refusal that says nothing"),
        pytest.param(refused(400, "brand_new", "newer", 1), NOBODY, False, "1", id="everything unknown: the number"),
        pytest.param(refused(400, "brand_new"), NOBODY, False, "brand_new", id="an unknown error"),
        pytest.param(refused(400, "", "newer"), NOBODY, False, "unknown", id="an unknown suberror"),
        pytest.param(refused(400, "unauthorized_client", "", 50053), NOBODY, True, "50053", id="a lock that passes"),
        pytest.param(refused(302), NOBODY, False, "unknown", id="a redirect"),
        # --- The user, for certain ----------------------------------------------------------------------------
        pytest.param(refused(400, "invalid_grant", "bad_token", 50173), USER, True, "50173", id="revoked"),
        pytest.param(refused(400, "invalid_grant", "bad_token", 700082), USER, True, "700082", id="not used for long"),
        pytest.param(refused(400, "invalid_grant", "consent_required", 65001), USER, True, "65001", id="no consent"),
        pytest.param(
            refused(400, "invalid_grant", "token_expired", 70043), USER, True, "70043", id="sign-in frequency"
        ),
        pytest.param(
            refused(400, "interaction_required", "", 70043), USER, True, "70043", id="the same, from the v1 endpoint"
        ),
        pytest.param(refused(400, "invalid_grant", "basic_action", 50076), USER, True, "50076", id="second factor"),
        pytest.param(refused(400, "interaction_required", "", 50079), USER, True, "50079", id="register a factor"),
        pytest.param(
            refused(400, "user_password_expired", "", 50055), USER, True, "50055", id="password expired, as an error"
        ),
        pytest.param(
            refused(400, "invalid_grant", "user_password_expired"),
            USER,
            True,
            "user_password_expired",
            id="password expired, as a suberror",
        ),
        pytest.param(
            refused(400, "invalid_grant", "bad_token", 1),
            USER,
            True,
            "bad_token",
            id="a suberror takes precedence over an unknown code",
        ),
        pytest.param(
            refused(400, "invalid_grant", "token_expired"), USER, True, "token_expired", id="a suberror alone"
        ),
        pytest.param(refused(400, "interaction_required"), USER, True, "interaction_required", id="interaction"),
        pytest.param(refused(400, "consent_required"), USER, True, "consent_required", id="consent"),
        pytest.param(refused(400, "access_denied"), USER, True, "access_denied", id="declined at Microsoft"),
        pytest.param(
            refused(400, "invalid_grant", "basic_action", 1),
            USER,
            True,
            "basic_action",
            id="a suberror that asks for a step of the user",
        ),
        pytest.param(
            refused(400, "invalid_grant", "", 70000, hint="scope_not_consented"), USER, True, "70000", id="a hint"
        ),
        pytest.param(
            refused(400, "invalid_grant", hint="expired_grant"), USER, True, "invalid_grant", id="a hint, and no code"
        ),
        # --- The user, perhaps --------------------------------------------------------------------------------
        pytest.param(refused(400, "invalid_grant"), USER, False, "invalid_grant", id="a bare invalid_grant"),
        pytest.param(
            refused(400, "invalid_grant", "", 1), USER, False, "invalid_grant", id="invalid_grant, code unknown"
        ),
        pytest.param(
            refused(400, "invalid_grant", "brand_new", 1),
            USER,
            False,
            "invalid_grant",
            id="invalid_grant, code and suberror unknown",
        ),
        pytest.param(refused(400, "invalid_grant", "", 70000), USER, False, "70000", id="an ambiguous code"),
        pytest.param(refused(400, "invalid_grant", "", 9002313), USER, False, "9002313", id="a malformed grant"),
        # --- Two codes ----------------------------------------------------------------------------------------
        pytest.param(
            refused(400, "invalid_grant", "", 70002, 70008), USER, True, "70008", id="of two codes the last: expired"
        ),
        pytest.param(
            refused(400, "invalid_grant", "", 70002, 70000),
            USER,
            False,
            "70000",
            id="of two codes the last: ambiguous",
        ),
        pytest.param(
            refused(400, "invalid_grant", "", 700082, 1), USER, False, "invalid_grant", id="the first never counts"
        ),
        # --- The operator -------------------------------------------------------------------------------------
        pytest.param(refused(401, "invalid_client"), OPERATOR, True, "invalid_client", id="a bare invalid_client"),
        pytest.param(refused(401, "invalid_client", "", 7000215), OPERATOR, True, "7000215", id="the secret's id"),
        pytest.param(refused(401, "invalid_client", "", 7000222), OPERATOR, True, "7000222", id="secret expired"),
        pytest.param(refused(401, "invalid_client", "", 7000218), OPERATOR, True, "7000218", id="secret missing"),
        pytest.param(refused(400, "unauthorized_client", "", 700016), OPERATOR, True, "700016", id="app unknown"),
        pytest.param(refused(400, "invalid_request", "", 90023), OPERATOR, True, "90023", id="public with a secret"),
        pytest.param(refused(401, "invalid_client", "", 9002319), OPERATOR, True, "9002319", id="the same, other code"),
        pytest.param(refused(400, "invalid_request"), OPERATOR, True, "invalid_request", id="the same, without a code"),
        pytest.param(refused(400, "invalid_client", "", 50011), OPERATOR, True, "50011", id="redirect unknown"),
        pytest.param(refused(400, "invalid_tenant", "", 90002), OPERATOR, True, "90002", id="tenant unknown"),
        pytest.param(refused(400, "invalid_scope"), OPERATOR, True, "invalid_scope", id="scope unknown"),
        pytest.param(
            refused(400, hint="public_client_secret"), OPERATOR, True, "public_client_secret", id="a hint alone"
        ),
        pytest.param(
            refused(401, "invalid_client", "", 700022), OPERATOR, True, "invalid_client", id="a disputed code, by error"
        ),
        pytest.param(
            refused(400, "interaction_required", "", 700020), USER, True, "interaction_required", id="another one"
        ),
        pytest.param(refused(400, "", "", 700020), USER, True, "700020", id="a disputed code and nothing else"),
        # --- An administrator ---------------------------------------------------------------------------------
        pytest.param(
            refused(400, "invalid_grant", "message_only", 53003), ADMINISTRATOR, True, "53003", id="conditional access"
        ),
        pytest.param(
            refused(400, "interaction_required", "", 53003), ADMINISTRATOR, True, "53003", id="the same, from v1"
        ),
        pytest.param(
            refused(400, "invalid_grant", "", 650052), ADMINISTRATOR, True, "650052", id="no service principal"
        ),
    ],
)
def test_a_failure_means(failure: ProviderFailure, actor: Actor, code: str, *, certain: bool) -> None:
    assert facts(failure) == (actor, certain, code)


@pytest.mark.parametrize("number", sampled(DECIDING))
@pytest.mark.parametrize("error", ["invalid_grant", "invalid_client", "interaction_required", "unheard_of", ""])
def test_a_known_code_decides_whatever_the_error_is(number: int, error: str) -> None:
    known = aadsts_codes()[number].of(MICROSOFT)
    diagnosis = diagnose(refused(400, error, "bad_token", 70002, number))
    assert (diagnosis.meaning, diagnosis.actor, diagnosis.certain, diagnosis.cause, diagnosis.action) == (
        known.name,
        known.actor,
        known.certain,
        known.cause,
        known.action,
    )
    assert diagnosis.code == str(number)


@pytest.mark.parametrize("number", sorted(disputed_codes()))
def test_an_error_takes_precedence_over_a_disputed_code(number: int) -> None:
    assert diagnose(refused(400, "invalid_scope", "", number)).meaning == "scope_wrong"
    assert diagnose(refused(400, "unheard_of", "", number)).meaning == aadsts_codes()[number].name


@pytest.mark.parametrize("word", sorted(oauth_errors()))
def test_a_known_error_decides_if_the_code_is_unknown(word: str) -> None:
    known = oauth_errors()[word].of(MICROSOFT)
    assert facts(refused(400, word, "", 1)) == (known.actor, known.certain, word)


@pytest.mark.parametrize("word", sorted(suberrors()))
def test_a_known_suberror_decides_if_the_code_is_unknown(word: str) -> None:
    known = suberrors()[word].of(MICROSOFT)
    assert facts(refused(400, "invalid_grant", word, 1)) == (known.actor, known.certain, word)


@pytest.mark.parametrize("name", ["kept", "first_consent", "unknown", "held_back", "not_sent"])
def test_an_answer_cannot_choose_a_meaning_by_its_name(name: str) -> None:
    assert diagnose(refused(400, name, name)).meaning == "unknown"


@pytest.mark.parametrize("number", sampled(NUMBERS))
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_nobody_has_to_act_on_a_temporary_status_whatever_the_code_is(number: int, status: int) -> None:
    assert diagnose(refused(status, "invalid_grant", "bad_token", number)).actor is NOBODY
