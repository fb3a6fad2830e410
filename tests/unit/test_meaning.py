"""The data of the diagnoses is whole, and every code that a code or a refresh token can meet is in it."""

import csv
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from token_refresher.meaning import Actor, Concern, hint, meanings, phrases, rows

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
"""Shown on a page of Microsoft's own."""

DATA = Path(__file__).parents[1] / "data" / "aadsts_codes.csv"
OURS = {"authorize", "token", "authorize+token", "token:refresh_token", "token:authorization_code"}
"""The endpoints and grants that this service uses."""


def listed() -> dict[str, set[str]]:
    """Return the endpoints of every code in Microsoft's lists."""
    endpoints: dict[str, set[str]] = {}
    with DATA.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            endpoints.setdefault(row["code"], set()).add(row["endpoint"])
    return endpoints


def test_every_code_that_a_code_or_a_refresh_token_can_meet_is_there() -> None:
    assert {code for code, endpoints in listed().items() if endpoints & OURS} - set(CODES) == set()


def test_no_code_of_another_grant_is_there() -> None:
    assert {code for code, endpoints in listed().items() if not endpoints & OURS} & set(CODES) == set()


def test_a_code_cannot_be_there_twice() -> None:
    """The reader refuses it, so that whatever is read is unique."""
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads("[codes]\n50173 = {}\n50173 = {}\n")


@pytest.mark.parametrize("name", MEANINGS)
def test_a_meaning_has_its_fields_and_no_others(name: str) -> None:
    optional = {"what_happened", "next_step", "concerns", "outage", "pause_seconds", "source"}
    assert set(MEANINGS[name]) - optional == {"actor", "certain", "cause", "action"}
    assert name in meanings()


@pytest.mark.parametrize("name", MEANINGS)
def test_a_meaning_names_who_acts_and_whom_it_concerns(name: str) -> None:
    row = MEANINGS[name]
    assert row["actor"] in list(Actor)
    assert row.get("concerns", "credential") in list(Concern)
    assert {type(row["certain"]), type(row.get("outage", False))} == {bool}
    assert 0 <= row.get("pause_seconds", 0) <= 3600


@pytest.mark.parametrize("name", MEANINGS)
def test_a_meaning_belongs_to_a_code_or_has_a_source_of_its_own(name: str) -> None:
    assert name in {row["meaning"] for row in ROWS.values()} or MEANINGS[name]["source"].strip()


def test_who_stands_on_a_page_is_not_sent_to_the_link_that_they_have_opened() -> None:
    """What a sign-in can end in; a code that came too late has a page of its own, and needs no words for it."""
    of_a_sign_in = {
        name
        for name, row in MEANINGS.items()
        if row["actor"] == "user" and name not in {"first_consent", "grant_ended", "code_used", "code_expired"}
    }
    steps = {name: MEANINGS[name].get("next_step", MEANINGS[name]["action"]) for name in of_a_sign_in}
    assert {name for name, step in steps.items() if "the link" in step} == {"outside_hours"}


def test_who_stands_on_a_page_is_told_nothing_of_tokens_and_of_what_is_stored() -> None:
    ending_a_sign_in = {
        name: row
        for name, row in MEANINGS.items()
        if row["actor"] in {"user", "nobody"} and name not in {"kept", "grant_ended"} and not name.startswith("ads_")
    }
    told = {name: row.get("what_happened", row["cause"]) for name, row in ending_a_sign_in.items()}
    assert {name for name, words in told.items() if "token" in words or "stored" in words} == set()


def test_only_an_operator_can_mend_an_application() -> None:
    assert {row["actor"] for row in MEANINGS.values() if "concerns" in row} == {"operator"}


def test_only_what_nobody_mends_is_an_outage_or_has_a_pause() -> None:
    assert {row["actor"] for row in MEANINGS.values() if "outage" in row or "pause_seconds" in row} == {"nobody"}


def test_only_what_nobody_mends_may_say_that_there_is_nothing_to_do() -> None:
    idle = {name for name, row in MEANINGS.items() if row["action"].startswith("Nothing")}
    assert idle == {name for name, row in MEANINGS.items() if row["actor"] == "nobody"}


def test_only_few_meanings_are_ambiguous() -> None:
    """One whose answer may differ the next time; every other delay would only keep people waiting."""
    assert {name for name, row in MEANINGS.items() if not row["certain"]} == {
        "unknown",
        "refused_perhaps",
        "unreadable_grant",
        "ads_unknown",
        "ads_credentials",
    }


@pytest.mark.parametrize("key", ROWS)
def test_a_row_has_a_meaning_and_a_source_and_no_field_that_is_unknown(key: str) -> None:
    row = ROWS[key]
    allowed = {"meaning", "source", "cause", "action"}
    allowed |= {
        "aadsts": {"error", "http_status", "decides"},
        "ads_api": {"pause_seconds"},
        "phrases": {"phrases", "codes", "codeless"},
    }.get(key.split(maxsplit=1)[0], set())
    assert row["meaning"] in MEANINGS
    assert row["source"].strip()
    assert set(row) <= allowed


@pytest.mark.parametrize("key", ROWS)
def test_a_source_is_one_of_its_file_or_an_issue(key: str) -> None:
    sources = rows(key.split(maxsplit=1)[0])["sources"]
    named, _, remark = ROWS[key]["source"].partition("; ")
    for source in named.split(", "):
        assert source in sources or re.fullmatch(r"[\w./-]+#[0-9]+", source)
    assert remark in {"", "error from memory", "status from memory", "error and status from memory"}


@pytest.mark.parametrize("code", CODES)
def test_a_code_says_what_it_is_seen_with(code: str) -> None:
    row = CODES[code]
    assert {"error", "http_status"} & set(row) == (set() if code in NEVER_SENT else {"error", "http_status"})
    assert re.fullmatch(r"[a-z_]+", row.get("error", "none"))
    assert row.get("http_status", 400) in {302, 400, 401, 429, 500, 503}


@pytest.mark.parametrize("key", [*MEANINGS, *ROWS])
@pytest.mark.parametrize("field", ["cause", "action"])
def test_a_text_is_a_sentence(key: str, field: str) -> None:
    row = MEANINGS[key] if key in MEANINGS else ROWS[key]
    text = row.get(field, "As its meaning.")
    assert text == text.strip()
    assert text[0].isupper()
    assert text.endswith(".")


@pytest.mark.parametrize("name", phrases())
def test_a_phrase_is_looked_for_as_it_is_written(name: str) -> None:
    phrase = phrases()[name]
    assert phrase.words
    assert all(words == words.lower().strip() and len(words) > 12 for words in phrase.words)
    assert phrase.codes <= {70000, 90023}
    assert all(hint(f"Before {words} after", None) for words in phrase.words)


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        pytest.param("The grant is expired.", 70000, "expired_grant", id="the code of many causes"),
        pytest.param("The grant is expired.", None, "expired_grant", id="no code"),
        pytest.param("The grant is expired.", 50173, "", id="a code that tells enough"),
        pytest.param("Public clients can't send a client secret.", 90023, "public_client_secret", id="a code of three"),
        pytest.param("Public clients can't send a client secret.", 70000, "", id="a phrase of another code"),
        pytest.param(
            "Public clients can\N{RIGHT SINGLE QUOTATION MARK}t send a client secret",
            None,
            "public_client_secret",
            id="a typographic apostrophe",
        ),
        pytest.param("THE GRANT\r\n is  EXPIRED", None, "expired_grant", id="other spaces and letters"),
        pytest.param("Something else.", 70000, "", id="an unknown text"),
        pytest.param("", None, "", id="no text"),
    ],
)
def test_a_text_counts_only_where_there_is_nothing_else_to_go_by(text: str, code: int | None, name: str) -> None:
    assert hint(text, code) == name
