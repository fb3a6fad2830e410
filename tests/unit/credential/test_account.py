"""What the registry keeps of an advertising account from one consent to the next."""

from dataclasses import replace

import pytest

from tests.fakes.manual_clock import START
from token_refresher.credential.account import AccountAccess, AccountAnswer, KnownAccount, known_name
from token_refresher.diagnosis.diagnosis import Actor

REACHED = AccountAnswer(AccountAccess.REACHABLE, name="Example Search", status="Active", customer_id="7654321")
NO_ANSWER = AccountAnswer(AccountAccess.UNVERIFIED)
REFUSED = AccountAnswer(AccountAccess.REFUSED)
KNOWN = KnownAccount("1234567", AccountAccess.REACHABLE, "Example Search", "Active")
NOTIFIED = replace(KNOWN, access=AccountAccess.REFUSED, notified=Actor.USER, notified_at=START)


def test_a_reachable_account_is_kept_with_its_name_and_status() -> None:
    assert KnownAccount.of_consent("1234567", REACHED, None) == KNOWN


@pytest.mark.parametrize(
    "answer",
    [pytest.param(NO_ANSWER, id="no answer"), pytest.param(REFUSED, id="a refusal, which has no name")],
)
def test_an_answer_without_a_name_keeps_the_known_name(answer: AccountAnswer) -> None:
    assert KNOWN.answered(answer) == replace(KNOWN, access=answer.access)


def test_an_account_that_was_renamed_has_the_new_name() -> None:
    assert KNOWN.answered(replace(REACHED, name="Another name")).name == "Another name"


def test_another_account_keeps_only_the_time_of_the_notification() -> None:
    assert NOTIFIED.of("7") == KnownAccount("7", notified_at=START)
    assert KnownAccount.of_consent("7", NO_ANSWER, NOTIFIED) == KnownAccount("7", notified_at=START)
    assert NOTIFIED.of("1234567") == NOTIFIED


@pytest.mark.parametrize(
    ("notified", "after_an_edit", "after_a_consent"),
    [
        pytest.param(Actor.OPERATOR, None, Actor.OPERATOR, id="an operator acts by an edit"),
        pytest.param(Actor.USER, Actor.USER, None, id="a user acts by a consent"),
        pytest.param(None, None, None, id="nobody was notified"),
    ],
)
def test_an_actor_is_notified_again_after_they_acted(
    notified: Actor | None, after_an_edit: Actor | None, after_a_consent: Actor | None
) -> None:
    """The time of the first notification is kept until the account can be reached."""
    known = replace(NOTIFIED, notified=notified)
    consented = KnownAccount.of_consent("1234567", NO_ANSWER, known)
    assert known.edited() == replace(known, notified=after_an_edit)
    assert (consented.notified, consented.notified_at) == (after_a_consent, START)


def test_trouble_whose_end_could_not_be_notified_keeps_its_time() -> None:
    assert KNOWN.still_open(START) == replace(KNOWN, notified_at=START)
    assert KNOWN.still_open(None) == KNOWN


def test_a_reachable_account_clears_the_notification() -> None:
    assert NOTIFIED.answered(REACHED) == KNOWN


def test_a_new_consent_without_an_answer_is_unverified() -> None:
    assert KnownAccount.of_consent("1234567", NO_ANSWER, NOTIFIED).access is AccountAccess.UNVERIFIED


@pytest.mark.parametrize(
    ("known", "account_id", "name"),
    [
        pytest.param(KNOWN, "1234567", "Example Search", id="the known account"),
        pytest.param(KNOWN, "7", "", id="another account"),
        pytest.param(KNOWN, None, "", id="no account"),
        pytest.param(None, "1234567", "", id="no known account"),
    ],
)
def test_a_known_name_is_returned_for_its_own_account_only(
    known: KnownAccount | None, account_id: str | None, name: str
) -> None:
    assert known_name(known, account_id) == name


@pytest.mark.parametrize(("status", "trouble"), [("Active", ""), ("", ""), ("Suspended", "Suspended")])
def test_every_status_but_active_is_trouble(status: str, trouble: str) -> None:
    assert replace(REACHED, status=status).trouble == trouble
