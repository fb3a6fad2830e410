"""How a refresh ended that somebody asked for."""

from tests.fakes.failures import REVOKED
from tests.fakes.manual_clock import START
from token_refresher.answer import Answer
from token_refresher.diagnosis import diagnose
from token_refresher.outcome import Outcome, Result

OUTCOME = Outcome(
    "search-ads",
    Result.NEEDS_A_PERSON,
    diagnose(REVOKED),
    START,
    "0123456789ab",
    "ba9876543210",
    used_previous_client_secret=True,
    request_id="request-1",
)


def test_an_answer_gives_back_the_outcome_that_it_was_made_of() -> None:
    assert Answer.of(OUTCOME, START).outcome("search-ads") == OUTCOME


def test_an_answer_says_when_and_to_what_it_is_one() -> None:
    answer = Answer.of(OUTCOME, START)
    assert (answer.request_id, answer.at) == ("request-1", START)
