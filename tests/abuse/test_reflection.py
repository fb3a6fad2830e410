"""No page and no header reflects what a stranger sends, and no log contains a secret."""

import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.abuse.hostile import FIELDS, MARKER, bounded, hostile_headers, hostile_texts
from tests.abuse.visitor import Answer, Visitor, visitor
from tests.fakes.fake_authority import DEPUTY
from tests.fakes.world import NAME, World
from token_refresher.base.sensitive import Sensitive
from token_refresher.entrypoints.observability import logger

fields = st.dictionaries(st.sampled_from(FIELDS), hostile_texts, min_size=1)
DECLINED = "AADSTS65004: The user declined. Trace ID: planted-trace"
ERROR_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""The form of an error code that the page may name."""

MARKUP = (
    "<script>planted()</script>",
    "<img/src=x/onerror=planted()>",
    "</dd><a/href=//evil.example>",
    "<!--",
    "&lt;b&gt;",
)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Return the lines of the log, as they are written."""
    written: list[str] = []
    handler = logger.registered_handler
    monkeypatch.setattr(handler, "emit", lambda record: written.append(handler.format(record)))
    yield written
    assert all(map(json.loads, written)), "each line is one document, whatever was sent"


class Outline(HTMLParser):
    """The elements of a page, with the names of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))


def with_cookies(guest: Visitor, state: str, value: str) -> None:
    """Give a visitor this cookie value under every name that could matter."""
    key = hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()[:16]
    guest.cookies |= dict.fromkeys((f"{prefix}consent-{key}" for prefix in ("", "__Host-")), value)


def repeats(answer: Answer) -> bool:
    """Return whether a response contains the marker, in any encoding."""
    return MARKER in answer.whole.lower() or MARKER in quote(answer.whole).lower()


def is_split(answer: Answer) -> bool:
    """Return whether a header contains characters that could end it."""
    values = [*answer.headers, *answer.headers.values(), *answer.cookies]
    return any(re.search(r"[\x00-\x1f\x7f]", value) or not value.isascii() for value in values)


@bounded
@given(name=hostile_texts, sent=fields, headers=hostile_headers, cookie=hostile_texts)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_invalid_link_reflects_nothing(
    method: str, name: str, sent: dict[str, str], headers: dict[str, str], cookie: str
) -> None:
    guest = visitor()
    with_cookies(guest, sent.get("state", ""), cookie)
    send = guest.open if method == "GET" else guest.press
    for path in (f"/connect/{name}", f"/connect/{quote(name)}", f"/connect/{NAME}"):
        answer = send(path, sent, headers)
        assert not repeats(answer)
        assert not is_split(answer)


@bounded
@given(sent=fields, headers=hostile_headers, cookie=hostile_texts)
def test_a_callback_without_a_sign_in_reflects_nothing(
    sent: dict[str, str], headers: dict[str, str], cookie: str
) -> None:
    guest = visitor()
    with_cookies(guest, sent.get("state", ""), cookie)
    answer = guest.open("/callback", sent, headers)
    assert not repeats(answer)
    assert not is_split(answer)


def refused(error: str, **more: str) -> list[Answer]:
    """Come back twice with an error, in the browser that began the sign-in."""
    guest = visitor()
    state = parse_qs(urlsplit(guest.start().location).query)["state"][0]
    return [guest.come_back(state=state, error=error, **more) for _ in range(2)]


@bounded
@given(
    error=st.one_of(st.just("access_denied"), hostile_texts.filter(lambda text: not ERROR_NAME.fullmatch(text))),
    description=hostile_texts,
    code=hostile_texts,
)
def test_a_callback_of_a_sign_in_under_way_repeats_nothing(error: str, description: str, code: str) -> None:
    """Even if state and cookie are right, as for an attacker who alters the URL on the way back."""
    for answer in refused(error, error_description=description, code=code):
        assert not repeats(answer)
        assert not is_split(answer)


@bounded
@given(error=st.one_of(st.from_regex(ERROR_NAME, fullmatch=True), st.sampled_from(MARKUP)))
def test_the_name_of_an_error_is_text_on_the_page_and_nothing_more(error: str) -> None:
    outline = Outline(refused("planted_error")[0].body).elements
    for answer in refused(error):
        assert not is_split(answer)
        if answer.status == 400:
            assert Outline(answer.body).elements == outline


@bounded
@given(sent=st.fixed_dictionaries(dict.fromkeys(("prompt", "accepted", "login_hint"), hostile_texts)))
def test_of_the_form_only_the_encoded_hint_goes_to_microsoft(sent: dict[str, str]) -> None:
    answer = visitor().start(**sent)
    query = parse_qs(urlsplit(answer.location).query)
    hint = query.pop("login_hint")
    assert hint == [sent["login_hint"].encode("utf-8", "replace").decode()[:320]]
    assert MARKER not in str(query)
    assert MARKER not in f"{answer.cookies}{answer.body}"
    assert not is_split(answer)


@bounded
@given(accepted=hostile_texts, hint=hostile_texts)
def test_the_page_about_another_person_reflects_no_field_of_the_form_before(accepted: str, hint: str) -> None:
    world = World.waiting()
    world.complete(world.go_and_return())
    guest = visitor(world)
    started = guest.start(accepted=accepted, login_hint=hint)
    state, code = world.authority.sign_in(started.location, DEPUTY)
    answer = guest.come_back(state=state, code=code)
    assert answer.status == 409
    assert not repeats(answer)


def flow(guest: Visitor, *, code: str = "", **more: str) -> list[Sensitive]:
    """Sign in, come back twice, and once with another browser; return all secrets of the flow."""
    world = guest.gateway.world
    invite = world.invite()
    started = guest.start()
    state, issued = world.authority.sign_in(started.location)
    verifiers = [consent.verifier for consent in world.consents.started.values()]
    nonces = [consent.nonce for consent in world.consents.started.values()]
    back = {"state": state, "code": code or issued, **more}
    foreign = Visitor(guest.gateway)
    pages = [foreign.come_back(**back), guest.come_back(**back), guest.come_back(**back)]
    secrets = [state, back["code"], *nonces, *guest.cookies.values(), *world.authority.issued]
    for page in pages:
        assert not [secret for secret in secrets if secret in page.whole]
        assert not [verifier for verifier in verifiers if verifier.reveal() in page.whole]
    return [*map(Sensitive, (*secrets, invite)), *verifiers]


@pytest.mark.parametrize(
    "back",
    [
        pytest.param({}, id="a consent"),
        pytest.param({"error": "access_denied", "error_description": DECLINED}, id="a refusal"),
        pytest.param({"code": "planted-code-of-somebody-else"}, id="a planted code"),
    ],
)
def test_no_state_code_verifier_cookie_or_token_is_on_a_page_or_in_a_log(
    back: dict[str, str], lines: list[str]
) -> None:
    secrets = flow(visitor(), **back)
    assert [line for line in lines if '"foreign_browser"' in line], "without a log line the search means nothing"
    assert len(secrets) > 5
    assert not [secret for secret in secrets if secret.reveal() in "".join(lines)]


def test_no_server_error_shows_a_secret(lines: list[str]) -> None:
    """A table fails in the middle of a callback."""
    guest = visitor()
    state = parse_qs(urlsplit(guest.start().location).query)["state"][0]
    cookies = list(guest.cookies.values())

    def down() -> None:
        raise RuntimeError(f"planted-fault {state} {cookies}")

    guest.gateway.world.calls.at("before", "consents.take", down)
    answer = guest.come_back(state=state, code="planted-code")
    searched = answer.whole + "".join(lines)
    assert answer.status == 500
    assert "RuntimeError" in searched
    assert not [secret for secret in (state, *cookies, "planted-code", "planted-fault") if secret in searched]
