"""The contract of every escrow, in memory and on AWS."""

from dataclasses import replace
from typing import Protocol

import pytest

from tests.fakes.rotations import IDENTITY, a_grant
from token_refresher.rotation.escrow import Escrow, EscrowedGrant, EscrowInventory
from token_refresher.rotation.intent import Base

NAME = "agency/client-1"
BASE = Base("0123456789ab", IDENTITY.consented_at)
ONE = EscrowedGrant(NAME, "arn:one", "attempt-1", BASE, a_grant("escrowed"))
NAMES = [
    "search-ads",
    NAME,
    "a/b/c",
    "a+b=c@d.e",
    "UPPER_and_lower",
    "..",
    "x" * 200,
]
ALIKE = [
    ("a/b", "a.2Fb"),
    ("a/b", "a-b"),
    ("a.2Eb", "a.b"),
    ("a", "a/attempt-1"),
    ("agency/client-1", "agency/client-10"),
    ("Search", "search"),
]


class EscrowAndInventory(Escrow, EscrowInventory, Protocol):
    """Both ports of one escrow."""


class EscrowContract:
    """Inherited by the test class of each escrow, which has the fixture ``escrow``."""

    def test_an_escrow_without_grants_is_empty(self, escrow: EscrowAndInventory) -> None:
        assert (escrow.of(NAME), set(escrow.credentials())) == ([], set())

    @pytest.mark.parametrize(
        "kept",
        [
            pytest.param(ONE, id="a refresh"),
            pytest.param(replace(ONE, grant=a_grant("escrowed").consented_by(IDENTITY)), id="a consent"),
            pytest.param(replace(ONE, base=Base("", None)), id="a first consent"),
            pytest.param(replace(ONE, grant=a_grant(None)), id="an answer without a refresh token"),
            pytest.param(ONE.without_access_token(), id="an answer without an access token"),
        ],
    )
    def test_a_grant_is_read_as_it_was_put(self, escrow: EscrowAndInventory, kept: EscrowedGrant) -> None:
        escrow.put(kept)
        assert escrow.of(NAME) == [kept]

    @pytest.mark.parametrize("name", NAMES)
    def test_every_name_of_a_secret_works(self, escrow: EscrowAndInventory, name: str) -> None:
        kept = replace(ONE, credential=name)
        escrow.put(kept)
        assert (escrow.of(name), set(escrow.credentials())) == ([kept], {name})

    @pytest.mark.parametrize(("name", "other"), ALIKE)
    def test_similar_names_are_kept_apart(self, escrow: EscrowAndInventory, name: str, other: str) -> None:
        first, second = replace(ONE, credential=name), replace(ONE, credential=other, grant=a_grant("of-the-other"))
        escrow.put(first)
        escrow.put(second)
        assert (escrow.of(name), escrow.of(other)) == ([first], [second])
        assert set(escrow.credentials()) == {name, other}

    def test_a_grant_that_is_put_twice_is_kept_once(self, escrow: EscrowAndInventory) -> None:
        escrow.put(ONE)
        escrow.put(ONE)
        assert escrow.of(NAME) == [ONE]

    def test_the_grants_of_several_attempts_are_all_kept(self, escrow: EscrowAndInventory) -> None:
        """A rival must not overwrite the grant of another attempt. There are more than AWS lists on one page."""
        kept = [
            replace(ONE, attempt=f"attempt-{number:02}", grant=a_grant(f"escrowed-{number}")) for number in range(23)
        ]
        for one in kept:
            escrow.put(one)
        assert sorted(escrow.of(NAME), key=lambda one: one.attempt) == kept

    def test_a_removed_grant_is_gone(self, escrow: EscrowAndInventory) -> None:
        escrow.put(ONE)
        escrow.remove(ONE)
        assert (escrow.of(NAME), set(escrow.credentials())) == ([], set())

    def test_a_removal_leaves_the_other_grants(self, escrow: EscrowAndInventory) -> None:
        other = replace(ONE, attempt="attempt-2")
        escrow.put(ONE)
        escrow.put(other)
        escrow.remove(ONE)
        assert escrow.of(NAME) == [other]

    def test_removing_a_missing_grant_raises_nothing(self, escrow: EscrowAndInventory) -> None:
        escrow.remove(ONE)
        assert escrow.of(NAME) == []

    def test_the_names_of_many_credentials_are_all_listed(self, escrow: EscrowAndInventory) -> None:
        names = {f"agency/client-{number}" for number in range(53)}
        for name in names:
            escrow.put(replace(ONE, credential=name))
        assert set(escrow.credentials()) == names
