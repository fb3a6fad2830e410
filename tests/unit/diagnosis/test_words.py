"""The texts of a diagnosis speak of the provider that is meant."""

from collections.abc import Iterator

import pytest

from tests.fakes.acme import ACME, of_another
from tests.fakes.manual_clock import START
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.words import MICROSOFT, NAMELESS, Words
from token_refresher.diagnosis.catalogue import Meaning, OwnMeaning, meanings, oauth_errors
from token_refresher.diagnosis.diagnosis import Diagnosis, after_unclean_end, diagnose, our_own

MEANINGS = [name for name in meanings() if not name.startswith("ads_")]
"""An entry of the catalogue may give a code of its provider any of them; only Microsoft Advertising has the others."""

API = Words("Microsoft", "the API", "Microsoft's sign-in service")
"""Another API behind Microsoft's sign-in service."""


def texts(diagnosis: Diagnosis, words: Words) -> str:
    """Return everything that a diagnosis can say; {right} is filled in where a call to AWS was refused."""
    said = (diagnosis.cause, diagnosis.action, diagnosis.what_happened(words), diagnosis.next_step(words))
    return " ".join((*said, diagnosis.if_it_lasts(words))).replace("{right}", "")


def refused(error: str) -> ProviderFailure:
    return ProviderFailure(FailureKind.REFUSED, 400, error)


def without_answers() -> Iterator[ProviderFailure]:
    for kind in (FailureKind.NOT_SENT, FailureKind.NO_ANSWER, FailureKind.UNUSABLE_ANSWER):
        yield from (ProviderFailure(kind, 399, reason=reason) for reason in Reason)
    yield from (ProviderFailure(FailureKind.REFUSED, status) for status in (408, 429, 500))


@pytest.mark.parametrize("words", [ACME, NAMELESS], ids=lambda words: words.provider)
@pytest.mark.parametrize("name", MEANINGS)
def test_no_meaning_speaks_of_microsoft_at_another_provider(name: str, words: Words) -> None:
    assert of_another(texts(our_own(name, words), words)) == []


@pytest.mark.parametrize("error", [*oauth_errors(), "brand_new"])
def test_no_oauth_error_speaks_of_microsoft_at_another_provider(error: str) -> None:
    assert of_another(texts(diagnose(refused(error), ACME, {}), ACME)) == []


@pytest.mark.parametrize("failure", list(without_answers()), ids=str)
def test_no_failed_connection_speaks_of_microsoft_at_another_provider(failure: ProviderFailure) -> None:
    said = texts(diagnose(failure, ACME, {}), ACME)
    assert (of_another(said), "AuthorityUrl" in said) == ([], False)


def test_an_exchange_without_an_answer_speaks_of_the_provider() -> None:
    explained = after_unclean_end(diagnose(refused("invalid_grant"), ACME, {}), START, ACME)
    assert "so Acme may have replaced the refresh token" in explained.cause
    assert of_another(texts(explained, ACME)) == []


@pytest.mark.parametrize("name", MEANINGS)
def test_every_text_has_its_words_at_microsoft(name: str) -> None:
    assert "{" not in texts(our_own(name), MICROSOFT)


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(ProviderFailure(FailureKind.REFUSED, 400, "invalid_grant", codes=(53003,)), id="a number"),
        pytest.param(
            ProviderFailure(FailureKind.REFUSED, 400, "invalid_grant", suberror="message_only"), id="suberror"
        ),
        pytest.param(ProviderFailure(FailureKind.REFUSED, 400, "invalid_grant", hint="expired_grant"), id="a phrase"),
    ],
)
def test_what_only_microsoft_sends_means_nothing_at_another_provider(failure: ProviderFailure) -> None:
    """The browser may bring anything back from a sign-in."""
    assert diagnose(failure, ACME, {}).code == "invalid_grant"
    assert diagnose(failure, ACME, {}).help_url == ""


def test_the_text_of_an_entry_stands_for_that_of_the_meaning() -> None:
    own = {"invalid_grant": OwnMeaning("client_refused", "{provider} says so.")}
    diagnosis = diagnose(refused("invalid_grant"), ACME, own)
    assert diagnosis.cause == "Acme says so."
    assert diagnosis.action == our_own("client_refused", ACME).action != our_own("client_refused").action


def test_a_more_precise_cause_is_right_for_every_provider() -> None:
    general = meanings()["app_unknown"]
    assert general.of(ACME).cause != general.of(MICROSOFT).cause != ""
    precise: Meaning = general.saying({"cause": "More precise."})
    assert precise.of(ACME).cause == precise.of(MICROSOFT).cause == "More precise."
    assert precise.of(ACME).action == general.of(ACME).action


@pytest.mark.parametrize("name", MEANINGS)
def test_a_provider_without_a_name_begins_a_sentence_with_a_capital_letter(name: str) -> None:
    said = texts(our_own(name, NAMELESS), NAMELESS)
    assert said[0].isupper()
    assert ". the " not in said


@pytest.mark.parametrize(
    ("words", "action"),
    [
        pytest.param(MICROSOFT, "with the user that may read the advertising account", id="an advertising account"),
        pytest.param(ACME, "with the user that may use Acme Ads", id="another product"),
        pytest.param(API, "with the user that may use the API", id="another API behind the same sign-in service"),
    ],
)
def test_the_person_who_signs_in_may_use_what_pipelines_read(words: Words, action: str) -> None:
    assert action in our_own("first_consent", words).action
