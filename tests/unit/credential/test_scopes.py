"""Which requested scopes an answer does not grant."""

import pytest

from token_refresher.credential.scopes import DEFAULT_SCOPE, consent_scope, less_scope, missing_scopes
from token_refresher.diagnosis.diagnosis import LESS_SCOPE, Actor

MANAGE, ADS = "https://ads.microsoft.com/msads.manage", "https://ads.microsoft.com/ads.manage"
MAIL, GRAPH = "https://graph.microsoft.com/Mail.Read", "https://graph.microsoft.com/.default"


@pytest.mark.parametrize(
    ("asked", "granted", "missing"),
    [
        pytest.param(DEFAULT_SCOPE, MANAGE, (), id="an answer need not repeat offline_access"),
        pytest.param(f"openid profile email offline_access {MANAGE}", MANAGE, (), id="nor any scope of the sign-in"),
        pytest.param(DEFAULT_SCOPE, f"{MANAGE} {ADS} profile", (), id="more than requested is enough"),
        pytest.param(f"{MANAGE} {MAIL}", f"{MAIL} {MANAGE}", (), id="in another order"),
        pytest.param(DEFAULT_SCOPE, MANAGE.upper(), (), id="in another case"),
        pytest.param(DEFAULT_SCOPE, f"  {MANAGE}\t", (), id="between other blanks"),
        pytest.param(DEFAULT_SCOPE, ADS, (MANAGE,), id="another permission of the same service is not enough"),
        pytest.param(DEFAULT_SCOPE, MANAGE.replace("//", "//si."), (MANAGE,), id="nor the permission of the sandbox"),
        pytest.param(f"{MAIL} {MANAGE}", "", (MAIL, MANAGE), id="an empty answer grants nothing"),
        pytest.param(GRAPH, MAIL, (), id="any scope of the service grants .default"),
        pytest.param(GRAPH, MANAGE, (GRAPH,), id="a scope of another service does not grant .default"),
    ],
)
def test_the_missing_scopes_are_those_requested_and_not_granted(
    asked: str, granted: str, missing: tuple[str, ...]
) -> None:
    assert missing_scopes(asked, granted) == missing


def test_a_diagnosis_names_the_missing_scopes_and_asks_a_person_to_sign_in() -> None:
    diagnosis = less_scope((MAIL, MANAGE))
    assert (diagnosis.actor, diagnosis.certain, diagnosis.meaning) == (Actor.USER, True, LESS_SCOPE)
    assert f"Missing: {MAIL}, {MANAGE}." in diagnosis.cause


def test_a_sign_in_also_asks_for_the_identity_of_the_person() -> None:
    assert consent_scope(DEFAULT_SCOPE) == f"openid profile {DEFAULT_SCOPE}"
