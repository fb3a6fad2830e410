"""What every secret store does, in memory or at AWS."""

from typing import Protocol

import pytest

from token_refresher.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    PromotionRefusedError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.secret_store import MOVED_TO_TAG, SecretInventory, SecretState, SecretStore, successor
from token_refresher.status_label import StatusLabel

NAME = "team/search-ads"
LABEL = StatusLabel("needs_consent", "50173: the grant was revoked")
DOCUMENT = '{ "client_id": "of-the-operator",  "price": 1.10 }'


class Store(SecretStore, SecretInventory, Protocol):
    """Both ports of one store."""


class Console(Protocol):
    """What an operator does."""

    def create(self, name: str, content: str | bytes) -> str:
        """Create a secret with a value; return its version."""
        ...

    def create_without_value(self, name: str) -> None:
        """Create a secret that has no version."""
        ...

    def edit(self, name: str, content: str | bytes) -> str:
        """Store a new current value; return its version."""
        ...

    def tag(self, name: str, **tags: str) -> None:
        """Set tags."""
        ...

    def tags(self, name: str) -> dict[str, str]:
        """Return all tags of a secret."""
        ...

    def delete(self, name: str) -> None:
        """Schedule a secret for deletion."""
        ...

    def labels(self, name: str) -> dict[str, str]:
        """Return which version each label is on."""
        ...


class SecretStoreContract:
    """Inherited by one test class a store; it brings the fixtures ``store`` and ``console``."""

    @pytest.fixture
    def first(self, console: Console) -> str:
        return console.create(NAME, DOCUMENT)

    @pytest.fixture
    def second(self, store: Store, first: str) -> str:
        return successor(store.describe(NAME).arn, first)

    def test_a_new_secret_has_its_first_version_current_and_none_pending(self, store: Store, first: str) -> None:
        state = store.describe(NAME)
        assert (state.name, state.current, state.pending) == (NAME, first, None)

    def test_a_version_is_read_as_it_was_written(self, store: Store, first: str) -> None:
        assert store.read(NAME, first) == DOCUMENT

    def test_a_secret_without_a_value_has_no_current_version(self, store: Store, console: Console) -> None:
        console.create_without_value(NAME)
        assert store.describe(NAME).current is None

    def test_a_secret_that_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(CredentialNotFoundError):
            store.describe(NAME)

    def test_a_version_that_is_not_there_is_not_found(self, store: Store, second: str) -> None:
        with pytest.raises(VersionNotFoundError):
            store.read(NAME, second)

    def test_a_binary_secret_is_malformed(self, store: Store, console: Console) -> None:
        version_id = console.create(NAME, b"\x00\x01")
        with pytest.raises(MalformedCredentialError, match="binary"):
            store.read(NAME, version_id)

    def test_a_stored_successor_is_pending_and_not_current(self, store: Store, first: str, second: str) -> None:
        store.put_pending(NAME, second, "{}")
        state = store.describe(NAME)
        assert (state.current, state.pending, state.unfinished_successor) == (first, second, second)

    def test_a_stored_successor_is_read_by_its_id(self, store: Store, second: str) -> None:
        store.put_pending(NAME, second, '{"a": 1}')
        assert store.read(NAME, second) == '{"a": 1}'

    def test_storing_the_same_successor_again_changes_nothing(self, store: Store, second: str) -> None:
        store.put_pending(NAME, second, '{"a": 1}')
        before = store.describe(NAME)
        store.put_pending(NAME, second, '{"a": 1}')
        assert store.describe(NAME) == before

    def test_another_document_under_the_same_successor_is_refused(self, store: Store, second: str) -> None:
        store.put_pending(NAME, second, '{"a": 1}')
        with pytest.raises(SuccessorExistsError):
            store.put_pending(NAME, second, '{"a": 2}')

    def test_a_refused_document_leaves_the_stored_one(self, store: Store, second: str) -> None:
        store.put_pending(NAME, second, '{"a": 1}')
        with pytest.raises(SuccessorExistsError):
            store.put_pending(NAME, second, '{"a": 2}')
        assert store.read(NAME, second) == '{"a": 1}'

    def test_a_later_pending_version_takes_the_label(self, store: Store, console: Console, second: str) -> None:
        store.put_pending(NAME, second, "{}")
        third = successor(store.describe(NAME).arn, console.edit(NAME, DOCUMENT))
        store.put_pending(NAME, third, "{}")
        assert store.describe(NAME).pending == third

    def test_a_version_that_lost_its_label_can_still_be_read(self, store: Store, console: Console, second: str) -> None:
        store.put_pending(NAME, second, '{"a": 1}')
        third = successor(store.describe(NAME).arn, console.edit(NAME, DOCUMENT))
        store.put_pending(NAME, third, "{}")
        assert store.read(NAME, second) == '{"a": 1}'

    def test_a_promoted_version_is_current_and_no_longer_pending(self, store: Store, first: str, second: str) -> None:
        store.put_pending(NAME, second, "{}")
        store.promote(NAME, second, replacing=first)
        state = store.describe(NAME)
        assert (state.current, state.pending) == (second, None)

    def test_a_promotion_makes_the_replaced_version_the_previous_one(
        self, store: Store, console: Console, first: str, second: str
    ) -> None:
        store.put_pending(NAME, second, "{}")
        store.promote(NAME, second, replacing=first)
        labels = console.labels(NAME)
        assert (labels["AWSCURRENT"], labels["AWSPREVIOUS"]) == (second, first)

    def test_a_promotion_over_an_edit_is_refused(self, store: Store, console: Console, first: str, second: str) -> None:
        store.put_pending(NAME, second, "{}")
        edit = console.edit(NAME, DOCUMENT)
        with pytest.raises(PromotionRefusedError):
            store.promote(NAME, second, replacing=first)
        assert store.describe(NAME).current == edit

    def test_a_second_promotion_of_the_same_version_is_refused(self, store: Store, first: str, second: str) -> None:
        store.put_pending(NAME, second, "{}")
        store.promote(NAME, second, replacing=first)
        with pytest.raises(PromotionRefusedError):
            store.promote(NAME, second, replacing=first)

    def test_a_version_that_was_never_stored_cannot_be_promoted(self, store: Store, first: str, second: str) -> None:
        """As after a secret was deleted and created anew under its name; which of the two it is makes no difference."""
        with pytest.raises((VersionNotFoundError, PromotionRefusedError)):
            store.promote(NAME, second, replacing=first)

    def test_an_edit_leaves_the_pending_label_where_it_is(
        self, store: Store, console: Console, first: str, second: str
    ) -> None:
        store.put_pending(NAME, second, "{}")
        edit = console.edit(NAME, DOCUMENT)
        state = store.describe(NAME)
        assert (state.current, state.pending, state.unfinished_successor) == (edit, second, None)

    @pytest.mark.parametrize(
        "call",
        [
            pytest.param(lambda store, first: store.describe(NAME), id="it is not described"),
            pytest.param(lambda store, first: store.read(NAME, first), id="it is not read"),
        ],
    )
    def test_a_secret_that_is_scheduled_for_deletion_is_gone(
        self, store: Store, console: Console, first: str, call: "Call"
    ) -> None:
        console.delete(NAME)
        with pytest.raises(CredentialNotFoundError):
            call(store, first)

    def test_the_inventory_has_every_secret_under_the_prefix_with_its_labels(
        self, store: Store, console: Console, first: str
    ) -> None:
        other = console.create("other", "{}")
        arns = {name: store.describe(name).arn for name in (NAME, "other")}
        assert sorted(store.managed(), key=lambda state: state.name) == [
            SecretState("other", arns["other"], other, None),
            SecretState(NAME, arns[NAME], first, None),
        ]

    def test_the_inventory_shows_what_is_pending(self, store: Store, second: str) -> None:
        store.put_pending(NAME, second, "{}")
        assert [state.pending for state in store.managed()] == [second]

    def test_the_inventory_leaves_out_what_is_scheduled_for_deletion(
        self, store: Store, console: Console, first: str
    ) -> None:
        console.delete(NAME)
        assert list(store.managed()) == []

    def test_the_inventory_lists_a_secret_without_a_value(self, store: Store, console: Console) -> None:
        console.create_without_value(NAME)
        assert [state.current for state in store.managed()] == [None]

    def test_a_secret_that_points_to_another_is_not_managed(self, store: Store, console: Console, first: str) -> None:
        console.create("other", "{}")
        console.tag(NAME, **{MOVED_TO_TAG: "other"})
        assert [state.name for state in store.managed()] == ["other"]

    def test_a_secret_that_points_to_another_is_not_found(self, store: Store, console: Console, first: str) -> None:
        console.tag(NAME, **{MOVED_TO_TAG: "other"})
        with pytest.raises(CredentialNotFoundError):
            store.describe(NAME)

    # --- What a secret shows -----------------------------------------------------------------------------------

    def test_a_secret_that_was_never_labelled_has_no_label(self, store: Store, first: str) -> None:
        assert store.describe(NAME).label is None

    def test_a_label_is_described_as_it_was_written(self, store: Store, first: str) -> None:
        store.label(NAME, LABEL)
        assert store.describe(NAME).label == LABEL

    def test_the_inventory_shows_the_label(self, store: Store, first: str) -> None:
        store.label(NAME, LABEL)
        assert [state.label for state in store.managed()] == [LABEL]

    def test_a_later_label_replaces_an_earlier_one(self, store: Store, first: str) -> None:
        store.label(NAME, LABEL)
        store.label(NAME, StatusLabel("healthy", "-"))
        assert store.describe(NAME).label == StatusLabel("healthy", "-")

    def test_labelling_twice_is_labelling_once(self, store: Store, console: Console, first: str) -> None:
        store.label(NAME, LABEL)
        once = console.tags(NAME)
        store.label(NAME, LABEL)
        assert console.tags(NAME) == once

    def test_a_label_writes_and_moves_no_version(self, store: Store, console: Console, first: str, second: str) -> None:
        store.put_pending(NAME, second, "{}")
        versions = console.labels(NAME)
        store.label(NAME, LABEL)
        assert (console.labels(NAME), store.read(NAME, first)) == (versions, DOCUMENT)

    def test_a_label_leaves_the_tags_of_the_operator(self, store: Store, console: Console, first: str) -> None:
        console.tag(NAME, team="search")
        store.label(NAME, LABEL)
        assert console.tags(NAME) == {"team": "search", **LABEL.to_tags()}

    def test_tags_of_the_operator_are_no_label(self, store: Store, console: Console, first: str) -> None:
        console.tag(NAME, status="of the operator")
        assert store.describe(NAME).label is None

    def test_a_label_outlives_a_rotation(self, store: Store, first: str, second: str) -> None:
        store.label(NAME, LABEL)
        store.put_pending(NAME, second, "{}")
        store.promote(NAME, second, replacing=first)
        assert store.describe(NAME).label == LABEL

    def test_a_secret_without_a_value_can_be_labelled(self, store: Store, console: Console) -> None:
        console.create_without_value(NAME)
        store.label(NAME, LABEL)
        assert store.describe(NAME) == SecretState(NAME, store.describe(NAME).arn, None, None, LABEL)

    def test_a_secret_that_is_not_there_cannot_be_labelled(self, store: Store) -> None:
        with pytest.raises(CredentialNotFoundError):
            store.label(NAME, LABEL)


class Call(Protocol):
    """One call on a store."""

    def __call__(self, store: Store, first: str) -> object:
        """Make it."""
        ...
