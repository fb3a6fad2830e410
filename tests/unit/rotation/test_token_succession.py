"""The versions of a secret tell which refresh token followed which."""

import json
from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from tests.fakes.rotations import IDENTITY, a_grant
from tests.fakes.world import World
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.rotation.secret_store import successor, successors
from token_refresher.rotation.token_succession import TokenSuccession

ARN = "arn:of-the-secret"
FIRST = "00000000-0000-4000-8000-000000000001"
COPY = "00000000-0000-4000-8000-000000000009"
SECOND = successor(ARN, FIRST)
THIRD = successor(ARN, SECOND)
ORIGINAL = Credential.parse(World().document(refresh_token="first"))
ROTATED = ORIGINAL.with_grant(a_grant("second", seconds=1))
ROTATED_AGAIN = ROTATED.with_grant(a_grant("third", seconds=2))
TAKEN_OVER = ORIGINAL.with_grant(a_grant("of-the-deputy", seconds=1).consented_by(IDENTITY))
NOT_ROTATED = ROTATED.with_grant(a_grant(None, seconds=9))
IMPORTED = Credential.parse(World().document(refresh_token="imported"))


def fingerprint(token: str) -> str:
    return Sensitive(token).fingerprint


def family_of(versions: dict[str, Credential]) -> TokenSuccession:
    known = TokenSuccession(ARN, frozenset(versions))
    for version_id, credential in reversed(versions.items()):
        known.add(version_id, credential)
    return known


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        pytest.param({FIRST: ORIGINAL}, None, id="alone: none"),
        pytest.param({FIRST: ORIGINAL, SECOND: ROTATED}, "second", id="and its successor: the successor"),
        pytest.param(
            {FIRST: ORIGINAL, SECOND: ROTATED, THIRD: ROTATED_AGAIN}, "third", id="and two that followed it: the last"
        ),
        pytest.param(
            {FIRST: ORIGINAL, SECOND: ROTATED, COPY: ORIGINAL},
            "second",
            id="and its successor and a copy of it: the successor",
        ),
        pytest.param({FIRST: ORIGINAL, SECOND: TAKEN_OVER}, None, id="and that of another person's consent: none"),
        pytest.param({FIRST: ORIGINAL, COPY: IMPORTED}, None, id="and an imported one: none"),
        pytest.param(
            {FIRST: ORIGINAL, COPY: IMPORTED, successor(ARN, COPY): IMPORTED.with_grant(a_grant("later", seconds=3))},
            None,
            id="and the successor of an imported one: none",
        ),
        pytest.param({COPY: ORIGINAL, SECOND: ROTATED}, None, id="whose version in the line is gone: none"),
    ],
)
def test_the_newest_token_after_a_refresh_token(versions: dict[str, Credential], newest: str | None) -> None:
    found = family_of(versions).newest_after(fingerprint("first"))
    assert (found.fingerprint if found else None) == (fingerprint(newest) if newest else None)


def test_of_two_successors_of_a_token_the_one_that_was_issued_last_is_the_newest() -> None:
    """A token is presented twice after a lost answer or a roll-back, and then has two successors."""
    second = list(successors(ARN, FIRST))[1]
    again = ORIGINAL.with_grant(a_grant("again", seconds=5))
    found = family_of({FIRST: ORIGINAL, SECOND: ROTATED, second: again}).newest_after(fingerprint("first"))
    assert found is not None
    assert (found.fingerprint, found.ancestors) == (
        fingerprint("again"),
        (fingerprint("first"), fingerprint("second")),
    )


def test_the_ancestors_are_the_spent_tokens_with_the_oldest_first() -> None:
    found = family_of({FIRST: ORIGINAL, SECOND: ROTATED, THIRD: ROTATED_AGAIN}).newest_after(fingerprint("first"))
    assert found is not None
    assert found.ancestors == (fingerprint("first"), fingerprint("second"))


def test_the_order_in_the_registry_counts_if_a_version_is_missing() -> None:
    known = family_of({COPY: ORIGINAL, SECOND: ROTATED})
    known.know((fingerprint("first"), fingerprint("second")))
    found = known.newest_after(fingerprint("first"))
    assert found is not None
    assert found.fingerprint == fingerprint("second")


def test_the_newest_tokens_have_no_identity() -> None:
    """The document that they go on top of has it."""
    rotated = Credential.parse(json.dumps({**json.loads(ROTATED.dump()), "identity": IDENTITY.to_document()}))
    original = Credential.parse(json.dumps({**json.loads(ORIGINAL.dump()), "identity": IDENTITY.to_document()}))
    found = family_of({FIRST: original, SECOND: rotated}).newest_after(fingerprint("first"))
    assert found is not None
    assert found.grant.identity is None


def test_a_refresh_token_that_is_older_than_its_access_token_comes_without_the_access_token() -> None:
    found = family_of({FIRST: ORIGINAL, SECOND: ROTATED, THIRD: NOT_ROTATED}).newest_after(fingerprint("first"))
    assert found is not None
    assert (found.grant.access_token, found.grant.issued_at, found.fingerprint) == (
        None,
        START + timedelta(seconds=1),
        fingerprint("second"),
    )


@pytest.mark.parametrize(
    ("version_id", "follows"),
    [pytest.param(SECOND, True, id="a successor follows"), pytest.param(COPY, False, id="an edit follows nothing")],
)
def test_the_id_of_a_version_tells_whether_a_refresh_or_a_consent_wrote_it(version_id: str, *, follows: bool) -> None:
    assert family_of({FIRST: ORIGINAL, version_id: ROTATED}).follows_another(version_id) is follows
