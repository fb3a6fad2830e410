"""The messages about a credential speak of its provider."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.acme import ACME, AS_MICROSOFT, AcmeWorld, of_another
from tests.fakes.manual_clock import START
from tests.fakes.world import NAME, World
from tests.unit.alerts.test_messages import CAVEATS, ENTRY, MESSAGES, SHARING, STATES, good_news, messages_of
from token_refresher.alerts.alert import Alert
from token_refresher.alerts.email import mail
from token_refresher.alerts.incident import Incident
from token_refresher.base.words import NAMELESS, Words
from token_refresher.diagnosis.aws_refusal import CALL_REFUSED
from token_refresher.diagnosis.catalogue import meanings
from token_refresher.diagnosis.diagnosis import Concern, our_own
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.issuer import Issuer
from token_refresher.registry.lasting import lasting
from token_refresher.registry.open_alert import Event
from tools.alerts.account import ACCOUNT
from tools.alerts.good_news import connected_with_a_wrong_developer_token
from tools.alerts.play import last
from tools.alerts.situation import Situation
from tools.alerts.situations import SITUATIONS

MEANINGS = [name for name in meanings() if not name.startswith("ads_")]

OF_MICROSOFT = {
    *(one.name for one in ACCOUNT),
    "account-not-reached",
    *(one.name for one in SITUATIONS if one.play is connected_with_a_wrong_developer_token),
}
"""What Microsoft Advertising alone answers about an account."""

UNREAD = "malformed-from-the-start"
"""A secret that is no JSON, and never was: nothing says which provider is meant, so it is the default one."""

PLAYED = [one for one in SITUATIONS if one.name not in {*OF_MICROSOFT, UNREAD}]


def by(words: Words, entry: RegistryEntry) -> RegistryEntry:
    return replace(entry, issuer=Issuer("acme", "https://login.acme.example.com", words))


def speaks_of_its_provider(alert: Alert) -> None:
    """Fail if a message says anything that is true at Microsoft only."""
    said = {key: text for key, text in json.loads(alert.to_json()).items() if isinstance(text, str)}
    # The scope in a document is an address of the API, and AS_MICROSOFT answers with Microsoft's.
    text = "\n".join((mail(replace(alert, help_url="")), alert.subject, *said.values()))
    assert of_another(text.replace("https://ads.microsoft.com/msads.manage", "")) == []
    assert alert.words.product in mail(alert)


@pytest.mark.parametrize("words", [ACME, NAMELESS], ids=lambda words: words.provider)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", MEANINGS)
def test_no_message_about_a_problem_speaks_of_microsoft(name: str, state: str, words: Words) -> None:
    diagnosis = our_own(name, words)
    diagnosis = replace(diagnosis, action=diagnosis.action.replace("{right}", "a right"))
    for alert in messages_of(by(words, STATES[state]), diagnosis):
        speaks_of_its_provider(alert)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("concerns", Concern)
def test_no_message_about_what_lasts_speaks_of_microsoft(state: str, concerns: Concern) -> None:
    entry = by(ACME, replace(STATES[state], failing_since=START - timedelta(hours=2), attempts=3))
    for name in MEANINGS:
        diagnosis = lasting(replace(our_own(name, ACME), concerns=concerns), entry)
        diagnosis = replace(diagnosis, action=diagnosis.action.replace("{right}", "a right"))
        for affected in (("ads",), SHARING):
            incident = Incident("authority#1", Event.OPERATOR_ACTION_REQUIRED, START, affected, affected)
            speaks_of_its_provider(MESSAGES.fails_for_all(entry, diagnosis, incident))


@pytest.mark.parametrize("affected", [("ads",), SHARING], ids=["one", "several"])
def test_no_message_about_a_refusal_of_aws_speaks_of_microsoft(affected: tuple[str, ...]) -> None:
    incident = Incident("aws#1", Event.OPERATOR_ACTION_REQUIRED, START, affected, affected)
    diagnosis = replace(our_own(CALL_REFUSED, ACME), action="Look it up.")
    speaks_of_its_provider(MESSAGES.refused_by_aws(by(ACME, ENTRY), diagnosis, incident))


@pytest.mark.parametrize("caveat", [None, *CAVEATS])
@pytest.mark.parametrize("state", STATES)
def test_no_good_news_speak_of_microsoft(state: str, caveat: str | None) -> None:
    entry = by(ACME, replace(STATES[state], **(CAVEATS[caveat] if caveat else {})))
    for alert in good_news(entry):
        speaks_of_its_provider(alert)


@pytest.mark.parametrize("days", [1, 30])
def test_no_warning_speaks_of_microsoft(days: int) -> None:
    entry = by(ACME, ENTRY)
    age, end = timedelta(days=days), START + timedelta(days=days)
    speaks_of_its_provider(MESSAGES.refresh_token_old(entry, START - age, age, timedelta(days=90)))
    speaks_of_its_provider(MESSAGES.sign_in_ends(entry, end, days, ""))
    for warning in (
        MESSAGES.secret_expires(entry, end, days, SHARING),
        MESSAGES.certificate_expires(entry, end, days, SHARING),
    ):
        assert of_another(mail(warning) + warning.to_json().strip("{}")) == []


@pytest.mark.parametrize("situation", [pytest.param(one, id=one.name) for one in PLAYED])
def test_a_situation_of_microsoft_speaks_of_another_provider_if_it_is_another_ones(
    situation: Situation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(World, "provider_entry", AS_MICROSOFT)
    speaks_of_its_provider(situation.play())


def test_the_situations_that_are_left_out_are_those_that_only_microsoft_can_bring_about() -> None:
    assert {one.name for one in SITUATIONS} - {one.name for one in PLAYED} == {
        "account-not-reached",
        "account-reached",
        "developer-token-refused",
        "connected-developer-token-refused",
        UNREAD,
    }


@pytest.mark.parametrize(
    ("provider", "product"),
    [
        pytest.param("acme", "the API", id="a provider that is not known, or whose entry was not read"),
        pytest.param("microsoft-advertising", "Microsoft Advertising", id="the default one"),
    ],
)
def test_a_malformed_document_that_names_its_provider_is_not_taken_for_another_ones(
    provider: str, product: str
) -> None:
    world = World()
    world.store.create(NAME, world.document(client_id=None, provider=provider))
    world.dispatcher.tick()
    world.refresh()
    assert f"with which pipelines read {product}." in last(world).stopped


def test_a_malformed_document_of_a_known_provider_has_its_words() -> None:
    world = AcmeWorld()
    world.manage()
    world.refresh()
    world.edit(client_id=None)
    world.dispatcher.tick()
    world.refresh()
    assert "with which pipelines read Acme Ads." in last(world).stopped


def test_a_first_sign_in_is_told_in_the_words_of_its_provider_before_any_refresh() -> None:
    """The link may have been made by hand."""
    world = AcmeWorld()
    world.store.create(NAME, world.document(refresh_token=None, access_token=None))
    world.consenting()()
    assert (last(world).event, last(world).words) == (Event.CONNECTED, ACME)
