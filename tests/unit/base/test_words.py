"""The words for a provider go into the places that a text has for them."""

import pytest

from tests.fakes.acme import ACME
from token_refresher.base.words import MICROSOFT, NAMELESS, Words, capital


@pytest.mark.parametrize(
    ("words", "text", "said"),
    [
        pytest.param(ACME, "{provider} and {product}", "Acme and Acme Ads", id="a provider and its product"),
        pytest.param(ACME, "Ask {sign_in_service}.", "Ask Acme's sign-in service.", id="who issues the tokens"),
        pytest.param(ACME, "Who may {use}?", "Who may use Acme Ads?", id="a right"),
        pytest.param(MICROSOFT, "Who may {use}?", "Who may read the advertising account?", id="an account"),
        pytest.param(NAMELESS, "{provider} is down.", "The provider is down.", id="at the beginning"),
        pytest.param(NAMELESS, "Wait. {provider} is down.", "Wait. The provider is down.", id="after a full stop"),
        pytest.param(NAMELESS, "Wait for {provider}.", "Wait for the provider.", id="in the middle"),
        pytest.param(ACME, "Allow {right}.", "Allow {right}.", id="the place of something else stays"),
        pytest.param(Words("{product}", "P", "S"), "{provider}", "{product}", id="a word is not read again"),
        pytest.param(ACME, "", "", id="nothing"),
    ],
)
def test_a_text_is_said_in_the_words_of_a_provider(words: Words, text: str, said: str) -> None:
    assert words.said(text) == said


@pytest.mark.parametrize(("text", "written"), [("the API", "The API"), ("eBay", "EBay"), ("", "")])
def test_only_the_first_letter_becomes_a_capital(text: str, written: str) -> None:
    assert capital(text) == written
