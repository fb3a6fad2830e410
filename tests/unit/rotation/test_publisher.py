"""A reader never gets an older token than before, never a mix, and never a secret of somebody else is overwritten."""

import json
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.manual_clock import START
from tests.fakes.memory_consumer_secrets import MemoryConsumerSecrets
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.errors import PublicationRefusedError, ServiceUnavailableError
from token_refresher.rotation.publication import Publication
from token_refresher.rotation.publisher import Publisher

SECRET = "token-refresher-consumers/acme"
NAMED = Publication(SECRET)


def document(number: int, **changes: Any) -> dict[str, Any]:
    """Return a document whose tokens were issued so many minutes after the start."""
    refreshed_at = to_rfc3339(START + timedelta(minutes=number))
    whole = {
        "prefix": "one",
        "credential": "acme",
        "status": "healthy",
        "access_token": f"access-{number}",
        "refreshed_at": refreshed_at,
    }
    return {**whole, **changes}


@pytest.fixture
def secrets() -> MemoryConsumerSecrets:
    return MemoryConsumerSecrets()


@pytest.fixture
def publisher(secrets: MemoryConsumerSecrets) -> Publisher:
    return Publisher(secrets)


def test_the_first_publication_makes_the_secret(publisher: Publisher, secrets: MemoryConsumerSecrets) -> None:
    known = publisher.publish(document(0), NAMED)
    assert secrets.document(SECRET) == {**document(0), "generation": 1}
    assert (known.generation, known.secret) == (1, SECRET)


def test_a_publication_costs_one_call_and_one_write(publisher: Publisher, secrets: MemoryConsumerSecrets) -> None:
    known = publisher.publish(document(0), NAMED)
    secrets.calls.log.clear()
    known = publisher.publish(document(1), known)
    assert secrets.calls.log == ["consumers.put"]
    assert secrets.document(SECRET)["generation"] == 2


def test_what_is_published_already_costs_no_call(publisher: Publisher, secrets: MemoryConsumerSecrets) -> None:
    known = publisher.publish(document(0), NAMED)
    secrets.calls.log.clear()
    assert publisher.publish(document(0), known) == known
    assert secrets.calls.log == []


def test_after_a_loss_of_the_registry_the_secret_is_read_once(
    publisher: Publisher, secrets: MemoryConsumerSecrets
) -> None:
    publisher.publish(document(0), NAMED)
    secrets.calls.log.clear()
    publisher.publish(document(1), NAMED)
    assert secrets.calls.log == ["consumers.current", "consumers.put"]
    assert secrets.document(SECRET)["generation"] == 2


def test_a_writer_with_older_tokens_stops(publisher: Publisher, secrets: MemoryConsumerSecrets) -> None:
    """A refresh was slow, and a consent has published meanwhile."""
    known = publisher.publish(document(0), NAMED)
    publisher.publish(document(2), known)
    publisher.publish(document(1), known)
    assert secrets.document(SECRET)["access_token"] == "access-2"


def test_a_writer_with_newer_tokens_goes_on_top(publisher: Publisher, secrets: MemoryConsumerSecrets) -> None:
    known = publisher.publish(document(0), NAMED)
    publisher.publish(document(1), known)
    publisher.publish(document(2), known)
    assert (secrets.document(SECRET)["access_token"], secrets.document(SECRET)["generation"]) == ("access-2", 3)


def test_a_secret_that_was_deleted_is_brought_back(publisher: Publisher, secrets: MemoryConsumerSecrets) -> None:
    known = publisher.publish(document(0), NAMED)
    secrets.delete(SECRET)
    publisher.publish(document(1), known)
    assert secrets.document(SECRET)["access_token"] == "access-1"


FOREIGN = [
    pytest.param(json.dumps({"user": "db"}), "was not made by Token Refresher", id="of another program"),
    pytest.param("a text", "was not made by Token Refresher", id="that is no object"),
    pytest.param(
        json.dumps(document(0, credential="other")), "is published by the credential one/other", id="of another"
    ),
    pytest.param(
        json.dumps(document(0, prefix="two")), "is published by the credential two/acme", id="of another stack"
    ),
]


@pytest.mark.parametrize(("text", "problem"), FOREIGN)
def test_a_secret_of_somebody_else_is_not_overwritten(
    publisher: Publisher, secrets: MemoryConsumerSecrets, text: str, problem: str
) -> None:
    secrets.edit(SECRET, text)
    with pytest.raises(PublicationRefusedError, match=problem):
        publisher.publish(document(1), NAMED)
    assert secrets.current(SECRET).text == text


def test_a_renamed_credential_goes_on_publishing(publisher: Publisher, secrets: MemoryConsumerSecrets) -> None:
    known = publisher.publish(document(0, credential="old-name"), NAMED)
    publisher.publish(document(1), known)
    assert secrets.document(SECRET)["credential"] == "acme"


@pytest.mark.parametrize("owner", ["acme", "another"])
def test_only_the_credential_that_publishes_removes_the_secret(
    publisher: Publisher, secrets: MemoryConsumerSecrets, owner: str
) -> None:
    known = publisher.publish(document(0), NAMED)
    publisher.remove(owner, known)
    assert secrets.deleted == ({SECRET} if owner == "acme" else set())


def test_a_writer_that_others_always_overtake_gives_up(publisher: Publisher, secrets: MemoryConsumerSecrets) -> None:
    known = publisher.publish(document(0), NAMED)

    def overtake() -> None:
        secrets.calls.at("before", "consumers.put", overtake)
        taken = publisher.secrets
        current = taken.current(SECRET)
        secrets.edit(SECRET, json.dumps({**json.loads(current.text), "generation": 99}))
        from token_refresher.rotation.secret_store import successor  # noqa: PLC0415

        secrets.versions[SECRET][successor(SECRET, known.version_id)] = "taken"
        secrets.versions[SECRET][successor(SECRET, current.version_id)] = "taken"

    secrets.calls.at("before", "consumers.put", overtake)
    with pytest.raises(ServiceUnavailableError):
        publisher.publish(document(1), known)


@given(st.data())
def test_in_every_order_of_two_writers_a_reader_sees_only_newer_tokens(data: st.DataObject) -> None:
    """Each writer may read the registry late, and the other one may publish before any of its calls."""
    secrets = MemoryConsumerSecrets()
    publisher, states, tokens = Publisher(secrets), [NAMED], 0

    def writer(number: int) -> None:
        known = data.draw(st.sampled_from(states), "what the registry said")
        states.append(publisher.publish(document(number), known))

    for _ in range(data.draw(st.integers(1, 6), "rounds")):
        tokens += 2
        # Which of the two has the newer tokens, and before which call of the first the second one comes.
        first, second = data.draw(st.permutations([tokens - 1, tokens]), "who")
        call = data.draw(st.sampled_from(["consumers.put", "consumers.create", "consumers.current"]), "call")
        secrets.calls.at("before", call, partial(writer, second))
        writer(first)
        if secrets.calls.forget():
            writer(second)
    seen = secrets.seen[SECRET]
    assert all(before["refreshed_at"] <= after["refreshed_at"] for before, after in pairwise(seen))
    assert all(before["generation"] < after["generation"] for before, after in pairwise(seen))
    assert all(one["access_token"] == f"access-{_minute(one['refreshed_at'])}" for one in seen), "a mix"
    assert seen[-1]["access_token"] == f"access-{tokens}"


def _minute(text: str) -> int:
    moments = {to_rfc3339(START + timedelta(minutes=number)): number for number in range(20)}
    return moments[text]
