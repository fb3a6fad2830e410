"""What is remembered of an advertising account from one consent to the next."""

from dataclasses import replace

import pytest

from tests.fakes.manual_clock import START
from token_refresher.account import AccountAccess, AccountAnswer, KnownAccount, known_name
from token_refresher.diagnosis import Actor

REACHED = AccountAnswer(AccountAccess.REACHABLE, name="Example Search", status="Active", customer_id="7654321")
NO_ANSWER = AccountAnswer(AccountAccess.UNVERIFIED)
REFUSED = AccountAnswer(AccountAccess.REFUSED)
KNOWN = KnownAccount("1234567", AccountAccess.REACHABLE, "Example Search", "Active")
TOLD = replace(KNOWN, access=AccountAccess.REFUSED, told=Actor.USER, told_at=START)


def test_an_account_that_is_reached_is_remembered_with_its_name_and_status() -> None:
    assert KnownAccount.of_consent("1234567", REACHED, None) == KNOWN


@pytest.mark.parametrize(
    "answer",
    [pytest.param(NO_ANSWER, id="no answer"), pytest.param(REFUSED, id="a refusal says nothing of the account")],
)
def test_a_name_outlives_an_answer_without_one(answer: AccountAnswer) -> None:
    assert KNOWN.answered(answer) == replace(KNOWN, access=answer.access)


def test_an_account_that_was_renamed_has_the_new_name() -> None:
    assert KNOWN.answered(replace(REACHED, name="Another name")).name == "Another name"


def test_nothing_of_one_account_is_said_of_another_but_since_when_there_is_trouble() -> None:
    assert TOLD.of("7") == KnownAccount("7", told_at=START)
    assert KnownAccount.of_consent("7", NO_ANSWER, TOLD) == KnownAccount("7", told_at=START)
    assert TOLD.of("1234567") == TOLD


@pytest.mark.parametrize(
    ("told", "after_an_edit", "after_a_consent"),
    [
        pytest.param(Actor.OPERATOR, None, Actor.OPERATOR, id="an operator acts by an edit"),
        pytest.param(Actor.USER, Actor.USER, None, id="a user acts by a consent"),
        pytest.param(None, None, None, id="nobody was told"),
    ],
)
def test_who_was_told_is_told_anew_once_they_acted(
    told: Actor | None, after_an_edit: Actor | None, after_a_consent: Actor | None
) -> None:
    """Since when there is trouble stays known whoever acts: only an account that is reached ends it."""
    known = replace(TOLD, told=told)
    consented = KnownAccount.of_consent("1234567", NO_ANSWER, known)
    assert known.edited() == replace(known, told=after_an_edit)
    assert (consented.told, consented.told_at) == (after_a_consent, START)


def test_trouble_whose_end_nobody_could_be_told_keeps_its_beginning() -> None:
    assert KNOWN.still_open(START) == replace(KNOWN, told_at=START)
    assert KNOWN.still_open(None) == KNOWN


def test_an_account_that_is_reached_ends_what_people_were_told() -> None:
    assert TOLD.answered(REACHED) == KNOWN


def test_of_a_new_consent_it_is_not_known_whether_it_reaches_the_account() -> None:
    assert KnownAccount.of_consent("1234567", NO_ANSWER, TOLD).access is AccountAccess.UNVERIFIED


@pytest.mark.parametrize(
    ("known", "account_id", "name"),
    [
        pytest.param(KNOWN, "1234567", "Example Search", id="the account that is known"),
        pytest.param(KNOWN, "7", "", id="another account"),
        pytest.param(KNOWN, None, "", id="no account"),
        pytest.param(None, "1234567", "", id="nothing is known"),
    ],
)
def test_a_name_is_that_of_the_account_which_is_asked_for(
    known: KnownAccount | None, account_id: str | None, name: str
) -> None:
    assert known_name(known, account_id) == name


@pytest.mark.parametrize(("status", "trouble"), [("Active", ""), ("", ""), ("Suspended", "Suspended")])
def test_trouble_is_whatever_is_not_active(status: str, trouble: str) -> None:
    assert replace(REACHED, status=status).trouble == trouble
