"""The pages speak of the provider that is meant, and of nobody if that is not known."""

from dataclasses import replace

import pytest

from tests.fakes.acme import ACME, of_another
from tests.unit.entrypoints.test_web_pages import Elements
from token_refresher.base.words import MICROSOFT, NAMELESS, Words
from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.consent.service import LandingPage
from tools.pages.admin import ADMIN
from tools.pages.situation import PAGES, Situation
from tools.pages.situations import SITUATIONS

SHOWN = [
    pytest.param(one, id=one.name)
    for one in SITUATIONS
    if one not in ADMIN and (one.shown is None or not one.shown.is_sandbox)
]
"""Every situation but those that only Microsoft has: an administrator, and the sandbox of Microsoft Advertising."""


def page(situation: Situation, words: Words | None) -> str:
    """Return the words of a page with the words of another provider."""
    match situation.shown:
        case LandingPage() as landing:
            return of(replace(landing, words=words or NAMELESS))
        case ConsentResult() as result:
            # What a diagnosis says is tested where it is made.
            why, step = "Why." if result.cause else "", "What to do." if result.action else ""
            return of(replace(result, cause=why, action=step, words=words if result.words else None))
        case _:
            return Elements(situation.page().html).words


def of(shown: LandingPage | ConsentResult) -> str:
    answer = PAGES.landing(shown, "x") if isinstance(shown, LandingPage) else PAGES.ending(shown)
    return Elements(answer.html).words


@pytest.mark.parametrize("words", [ACME, NAMELESS, None], ids=["Acme", "a provider without a name", "not known"])
@pytest.mark.parametrize("situation", SHOWN)
def test_no_page_speaks_of_microsoft_at_another_provider(situation: Situation, words: Words | None) -> None:
    text = page(situation, words)
    assert of_another(text) == []
    assert ". the provider" not in text


@pytest.mark.parametrize("situation", SHOWN)
def test_a_page_of_a_known_credential_names_the_product_and_every_other_page_names_none(situation: Situation) -> None:
    shown = situation.shown
    is_known = shown is not None and bool(shown.credential) and bool(shown.words)
    assert ("Token Refresher for Acme Ads" in page(situation, ACME)) is is_known
    assert "Token Refresher for" not in page(situation, None)


@pytest.mark.parametrize(
    "ending",
    [
        ConsentOutcome.INVALID_INVITE,
        ConsentOutcome.UNKNOWN_STATE,
        ConsentOutcome.FOREIGN_BROWSER,
        ConsentOutcome.UNAVAILABLE,
    ],
)
def test_a_page_for_a_visitor_who_has_proved_nothing_names_nobody_whatever_the_result_holds(
    ending: ConsentOutcome,
) -> None:
    assert "Acme" not in of(ConsentResult(ending, words=ACME))


@pytest.mark.parametrize("situation", [pytest.param(one, id=one.name) for one in ADMIN])
def test_a_page_for_an_administrator_is_about_microsoft(situation: Situation) -> None:
    assert "Token Refresher for Microsoft Advertising" in Elements(situation.page().html).words


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        pytest.param(
            MICROSOFT,
            ["fetch advertising reports", "the one that you use at ads.microsoft.com", "Continue to Microsoft"],
            id="Microsoft Advertising",
        ),
        pytest.param(ACME, ["wants to read Acme Ads", "one that may use Acme Ads", "Continue to Acme"], id="Acme Ads"),
        pytest.param(
            NAMELESS, ["Connect the API", "wants to read the API", "Continue to the provider"], id="without a name"
        ),
    ],
)
def test_the_landing_page_says_what_is_read_and_with_which_account(words: Words, facts: list[str]) -> None:
    text = of(LandingPage("ads", words, "", "", ""))
    assert [fact for fact in facts if fact not in text] == []


# --- Nobody's name is known ------------------------------------------------------------------------------------------


def test_the_landing_page_says_when_the_credential_was_connected_if_nobody_says_by_whom() -> None:
    text = of(LandingPage("ads", ACME, "", "", "2026-01-31T09:00:00Z"))
    assert "Last connected 2026-01-31 09:00 UTC" in text
    assert "once more and accept, so that it can go on" in text
    assert "Last connected by" not in text


UNNAMED = {"username": "", "previous_username": "", "person": "", "at": "2026-01-31T09:00:00Z"}


@pytest.mark.parametrize("ending", [one for one in ConsentOutcome if not one.startswith("admin_")])
def test_a_page_without_a_persons_name_has_no_gap(ending: ConsentOutcome) -> None:
    text = of(ConsentResult(ending, "ads", **UNNAMED, cause="Why.", action="What to do.", words=ACME))  # type: ignore[arg-type] # These are texts.
    for gap in (" by .", " as .", " by has", "  ", " let use", " as You", " of ."):
        assert gap not in text


def test_another_person_without_a_name_can_still_choose() -> None:
    invite = next(
        one.shown.invite for one in SITUATIONS if isinstance(one.shown, ConsentResult) and one.name == "other-person"
    )
    text = of(ConsentResult(ConsentOutcome.OTHER_PERSON, "ads", invite, person="7", words=ACME))
    assert "no longer that of the other person." in text
    assert "Continue as" not in text
    assert "Continue" in text
