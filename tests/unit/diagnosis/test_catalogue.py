"""The catalogue is complete: it has every AADSTS number that an authorization code or a refresh token can get."""

import csv
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.grids import sampled
from token_refresher.base.reason import Reason
from token_refresher.base.words import MICROSOFT
from token_refresher.diagnosis.catalogue import Actor, Concern, hint, meanings, phrases, rows
from token_refresher.diagnosis.without_oauth import remedy

MEANINGS = rows("meanings")
ROWS: dict[str, dict[str, Any]] = {
    f"{file} {table} {key}": row
    for file, table in (
        ("aadsts", "codes"),
        ("oauth", "errors"),
        ("oauth", "suberrors"),
        ("ads_api", "codes"),
        ("phrases", "phrases"),
    )
    for key, row in rows(file)[table].items()
}
CODES = rows("aadsts")["codes"]
NEVER_SENT = {"120000", "130004", "130507", "135010"}
"""Microsoft shows the code only on its own pages."""

DATA = Path(__file__).parents[2] / "data" / "aadsts_codes.csv"
OURS = {"authorize", "token", "authorize+token", "token:refresh_token", "token:authorization_code"}
"""The endpoints and grants that this service uses."""


def listed() -> dict[str, set[str]]:
    """Return the endpoints of every code in Microsoft's lists."""
    endpoints: dict[str, set[str]] = {}
    with DATA.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            endpoints.setdefault(row["code"], set()).add(row["endpoint"])
    return endpoints


def test_the_catalogue_has_every_number_that_these_endpoints_can_return() -> None:
    assert {code for code, endpoints in listed().items() if endpoints & OURS} - set(CODES) == set()


def test_the_catalogue_has_no_number_of_another_grant() -> None:
    assert {code for code, endpoints in listed().items() if not endpoints & OURS} & set(CODES) == set()


def test_a_code_cannot_occur_twice() -> None:
    """The TOML parser rejects a file with a key twice."""
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads("[codes]\n50173 = {}\n50173 = {}\n")


@pytest.mark.parametrize("name", MEANINGS)
def test_a_meaning_has_its_fields_and_no_others(name: str) -> None:
    optional = {"what_happened", "next_step", "if_it_lasts", "concerns", "outage", "pause_seconds", "source"}
    assert set(MEANINGS[name]) - {*optional, "elsewhere"} == {"actor", "certain", "cause", "action"}
    assert name in meanings()


@pytest.mark.parametrize("key", [*MEANINGS, *ROWS])
def test_a_text_for_other_providers_stands_beside_one_of_microsoft_that_is_another(key: str) -> None:
    row = MEANINGS.get(key) or ROWS[key]
    for name, text in row.get("elsewhere", {}).items():
        assert text == text.strip()
        assert text.endswith(".")
        assert row[name] != text


@pytest.mark.parametrize("name", MEANINGS)
def test_a_meaning_names_the_actor_and_what_is_affected(name: str) -> None:
    row = MEANINGS[name]
    assert row["actor"] in list(Actor)
    assert row.get("concerns", "credential") in list(Concern)
    assert {type(row["certain"]), type(row.get("outage", False))} == {bool}
    assert 0 <= row.get("pause_seconds", 0) <= 3600


@pytest.mark.parametrize("name", MEANINGS)
def test_a_meaning_belongs_to_a_code_or_has_a_source_of_its_own(name: str) -> None:
    assert name in {row["meaning"] for row in ROWS.values()} or MEANINGS[name]["source"].strip()


def test_the_next_step_on_a_page_does_not_ask_to_open_the_link_again() -> None:
    """For every result of a sign-in, except a code that came too late, which has a page of its own."""
    of_a_sign_in = {
        name
        for name, row in MEANINGS.items()
        if row["actor"] == "user" and name not in {"first_consent", "grant_ended", "code_used", "code_expired"}
    }
    steps = {name: MEANINGS[name].get("next_step", MEANINGS[name]["action"]) for name in of_a_sign_in}
    assert {name for name, step in steps.items() if "the link" in step} == {"outside_hours"}


def test_the_texts_of_a_page_do_not_mention_tokens_or_stored_sign_ins() -> None:
    ending_a_sign_in = {
        name: row
        for name, row in MEANINGS.items()
        if row["actor"] in {"user", "nobody"} and name not in {"kept", "grant_ended"} and not name.startswith("ads_")
    }
    notified = {name: row.get("what_happened", row["cause"]) for name, row in ending_a_sign_in.items()}
    assert {name for name, words in notified.items() if "token" in words or "stored" in words} == set()


def test_only_an_operator_can_fix_an_application() -> None:
    assert {row["actor"] for row in MEANINGS.values() if row.get("concerns") == "application"} == {"operator"}


def test_only_a_meaning_without_an_actor_is_an_outage_or_has_a_pause() -> None:
    assert {row["actor"] for row in MEANINGS.values() if "outage" in row or "pause_seconds" in row} == {"nobody"}


def test_only_a_meaning_that_passes_says_what_to_do_if_it_lasts() -> None:
    assert {row["actor"] for row in MEANINGS.values() if "if_it_lasts" in row} == {"nobody"}


def test_only_a_meaning_without_an_actor_may_say_that_there_is_nothing_to_do() -> None:
    idle = {name for name, row in MEANINGS.items() if row["action"].startswith("Nothing")}
    assert idle == {name for name, row in MEANINGS.items() if row["actor"] == "nobody"}


def test_only_few_meanings_are_ambiguous() -> None:
    """A meaning is ambiguous only if the next answer may differ. Otherwise a confirmation only delays the alert."""
    assert {name for name, row in MEANINGS.items() if not row["certain"]} == {
        "unknown",
        "refused_perhaps",
        "unreadable_grant",
        "ads_unknown",
        "ads_credentials",
        # AWS needs some time until a changed policy works everywhere.
        "right_missing",
        "call_refused",
        "tags_refused",
    }


@pytest.mark.parametrize("key", sampled(ROWS))
def test_a_row_has_a_meaning_and_a_source_and_no_unknown_field(key: str) -> None:
    row = ROWS[key]
    allowed = {"meaning", "source", "cause", "action"}
    allowed |= {
        "oauth": {"elsewhere"},
        "aadsts": {"error", "http_status", "decides"},
        "ads_api": {"pause_seconds"},
        "phrases": {"phrases", "codes", "codeless"},
    }.get(key.split(maxsplit=1)[0], set())
    assert row["meaning"] in MEANINGS
    assert row["source"].strip()
    assert set(row) <= allowed


@pytest.mark.parametrize("key", sampled(ROWS))
def test_a_source_is_an_issue_or_listed_in_its_file(key: str) -> None:
    sources = rows(key.split(maxsplit=1)[0])["sources"]
    named, _, remark = ROWS[key]["source"].partition("; ")
    for source in named.split(", "):
        assert source in sources or re.fullmatch(r"[\w./-]+#[0-9]+", source)
    assert remark in {"", "error from memory", "status from memory", "error and status from memory"}


@pytest.mark.parametrize("code", sampled(CODES))
def test_a_code_says_with_which_error_and_status_it_was_seen(code: str) -> None:
    row = CODES[code]
    assert {"error", "http_status"} & set(row) == (set() if code in NEVER_SENT else {"error", "http_status"})
    assert re.fullmatch(r"[a-z_]+", row.get("error", "none"))
    assert row.get("http_status", 400) in {302, 400, 401, 429, 500, 503}


@pytest.mark.parametrize("key", sampled([*MEANINGS, *ROWS]))
@pytest.mark.parametrize("field", ["cause", "action"])
def test_a_text_is_a_sentence(key: str, field: str) -> None:
    row = MEANINGS[key] if key in MEANINGS else ROWS[key]
    text = row.get(field, "As its meaning.")
    assert text == text.strip()
    assert MICROSOFT.said(text)[0].isupper()
    assert text.endswith(".")


REASONS = rows("reasons")["reasons"]


def test_the_catalogue_has_exactly_the_known_reasons() -> None:
    assert set(REASONS) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_says_what_happened_and_what_to_do(reason: Reason) -> None:
    row = REASONS[reason]
    assert set(row) - {"elsewhere"} == {"cause", "remedy", "source"}
    assert set(row.get("elsewhere", {})) <= {"remedy"}
    for text in (row["cause"], row["remedy"], *row.get("elsewhere", {}).values()):
        assert text == text.strip()
        assert MICROSOFT.said(text)[0].isupper()
        assert text.endswith(".")
    assert remedy(reason, MICROSOFT) == MICROSOFT.said(row["remedy"])


def test_no_two_reasons_have_the_same_texts() -> None:
    assert len({row["cause"] for row in REASONS.values()}) == len(Reason)


def test_an_unknown_reason_has_no_remedy() -> None:
    assert remedy("", MICROSOFT) == remedy("brand_new", MICROSOFT) == ""


@pytest.mark.parametrize("name", phrases())
def test_a_phrase_is_found_in_a_description(name: str) -> None:
    phrase = phrases()[name]
    assert phrase.words
    assert all(words == words.lower().strip() and len(words) > 12 for words in phrase.words)
    assert phrase.codes <= {70000, 90023}
    assert all(hint(f"Before {words} after", None) for words in phrase.words)


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        pytest.param("The grant is expired.", 70000, "expired_grant", id="an ambiguous code"),
        pytest.param("The grant is expired.", None, "expired_grant", id="no code"),
        pytest.param("The grant is expired.", 50173, "", id="a precise code"),
        pytest.param("Public clients can't send a client secret.", 90023, "public_client_secret", id="90023"),
        pytest.param("Public clients can't send a client secret.", 70000, "", id="a phrase of another code"),
        pytest.param(
            "Public clients can\N{RIGHT SINGLE QUOTATION MARK}t send a client secret",
            None,
            "public_client_secret",
            id="a typographic apostrophe",
        ),
        pytest.param("THE GRANT\r\n is  EXPIRED", None, "expired_grant", id="other spaces and another case"),
        pytest.param("Something else.", 70000, "", id="an unknown text"),
        pytest.param("", None, "", id="no text"),
    ],
)
def test_a_description_counts_only_without_a_precise_code(text: str, code: int | None, name: str) -> None:
    assert hint(text, code) == name
