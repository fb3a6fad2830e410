"""The contract of every secret store, in memory and on AWS."""

from collections.abc import Callable, Iterator
from typing import Protocol

import pytest

from token_refresher.base.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    PromotionRefusedError,
    ServiceUnavailableError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.credential.status_tags import StatusTags
from token_refresher.diagnosis.aws_refusal import missing_right
from token_refresher.rotation.secret_store import (
    MOVED_TO_TAG,
    NAMELESS,
    SecretInventory,
    SecretState,
    SecretStore,
    successor,
    successors,
)

NAME = "team/search-ads"
VERSION = "00000000-0000-4000-8000-000000000009"
LABEL = StatusTags("needs_consent", "50173: the grant was revoked")
CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
DOCUMENT = '{ "client_id": "of-the-operator",  "price": 1.10 }'


class Store(SecretStore, SecretInventory, Protocol):
    """Both ports of one store."""

    def managed(self) -> Iterator[SecretState]:
        """Yield every managed secret."""
        ...


class Console(Protocol):
    """The changes that an operator makes."""

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
        """Return the version that each staging label is on."""
        ...

    def deny(self, name: str, operation: str) -> None:
        """Make an operation on one secret fail, as if its resource policy denied it."""
        ...

    def stage(self, name: str, content: str | bytes) -> str:
        """Store a version under ``AWSPENDING``, as another rotation software does; return its id."""
        ...

    def move(self, name: str, label: str, version_id: str) -> None:
        """Move a staging label to a version."""
        ...

    def remove_label(self, name: str, label: str) -> None:
        """Remove a staging label."""
        ...


class SecretStoreContract:
    """Inherited by the test class of each store, which has the fixtures ``store`` and ``console``."""

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

    def test_a_missing_secret_is_not_found(self, store: Store) -> None:
        with pytest.raises(CredentialNotFoundError):
            store.describe(NAME)

    def test_a_missing_version_is_not_found(self, store: Store, second: str) -> None:
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

    def test_a_later_pending_version_takes_the_staging_label(self, store: Store, console: Console, second: str) -> None:
        store.put_pending(NAME, second, "{}")
        third = successor(store.describe(NAME).arn, console.edit(NAME, DOCUMENT))
        store.put_pending(NAME, third, "{}")
        assert store.describe(NAME).pending == third

    def test_a_version_that_lost_its_staging_label_can_still_be_read(
        self, store: Store, console: Console, second: str
    ) -> None:
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
        """As after a secret was deleted and created anew with the same name."""
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
            pytest.param(lambda store, first: store.describe(NAME), id="it cannot be described"),
            pytest.param(lambda store, first: store.read(NAME, first), id="it cannot be read"),
        ],
    )
    def test_a_secret_that_is_scheduled_for_deletion_is_gone(
        self, store: Store, console: Console, first: str, call: "Call"
    ) -> None:
        console.delete(NAME)
        with pytest.raises(CredentialNotFoundError):
            call(store, first)

    def test_the_inventory_has_every_secret_under_the_prefix_with_its_staging_labels(
        self, store: Store, console: Console, first: str
    ) -> None:
        other = console.create("other", "{}")
        arns = {name: store.describe(name).arn for name in (NAME, "other")}
        assert sorted(store.managed(), key=lambda state: state.name) == [
            SecretState("other", arns["other"], other, None),
            SecretState(NAME, arns[NAME], first, None),
        ]

    def test_the_inventory_has_the_pending_version(self, store: Store, second: str) -> None:
        store.put_pending(NAME, second, "{}")
        assert [state.pending for state in store.managed()] == [second]

    def test_the_inventory_leaves_out_secrets_scheduled_for_deletion(
        self, store: Store, console: Console, first: str
    ) -> None:
        console.delete(NAME)
        assert list(store.managed()) == []

    def test_the_inventory_lists_a_secret_without_a_value(self, store: Store, console: Console) -> None:
        console.create_without_value(NAME)
        assert [state.current for state in store.managed()] == [None]

    def test_a_secret_with_no_name_after_the_prefix_gets_a_substitute_name(
        self, store: Store, console: Console
    ) -> None:
        version_id = console.create(NAMELESS, DOCUMENT)
        assert [(state.name, state.current) for state in store.managed()] == [(NAMELESS, version_id)]
        assert store.describe(NAMELESS).current == version_id
        assert store.read(NAMELESS, version_id) == DOCUMENT

    def test_a_secret_with_no_name_after_the_prefix_is_written_like_every_other(
        self, store: Store, console: Console
    ) -> None:
        version_id = console.create(NAMELESS, DOCUMENT)
        second = successor(store.describe(NAMELESS).arn, version_id)
        store.put_pending(NAMELESS, second, "{}")
        store.promote(NAMELESS, second, replacing=version_id)
        store.set_status_tags(NAMELESS, LABEL)
        assert (store.describe(NAMELESS).current, store.describe(NAMELESS).status_tags) == (second, LABEL)

    def test_a_pointer_is_not_managed(self, store: Store, console: Console, first: str) -> None:
        console.create("other", "{}")
        console.tag(NAME, **{MOVED_TO_TAG: "other"})
        assert [state.name for state in store.managed()] == ["other"]

    def test_a_pointer_is_not_found(self, store: Store, console: Console, first: str) -> None:
        console.tag(NAME, **{MOVED_TO_TAG: "other"})
        with pytest.raises(CredentialNotFoundError):
            store.describe(NAME)

    # --- Status tags -------------------------------------------------------------------------------------------

    def test_a_new_secret_has_no_status_tags(self, store: Store, first: str) -> None:
        assert store.describe(NAME).status_tags is None

    def test_status_tags_are_described_as_they_were_written(self, store: Store, first: str) -> None:
        store.set_status_tags(NAME, LABEL)
        assert store.describe(NAME).status_tags == LABEL

    def test_the_inventory_has_the_status_tags(self, store: Store, first: str) -> None:
        store.set_status_tags(NAME, LABEL)
        assert [state.status_tags for state in store.managed()] == [LABEL]

    def test_later_status_tags_replace_earlier_ones(self, store: Store, first: str) -> None:
        store.set_status_tags(NAME, LABEL)
        store.set_status_tags(NAME, StatusTags("healthy", "-"))
        assert store.describe(NAME).status_tags == StatusTags("healthy", "-")

    def test_setting_the_same_status_tags_twice_changes_nothing(
        self, store: Store, console: Console, first: str
    ) -> None:
        store.set_status_tags(NAME, LABEL)
        once = console.tags(NAME)
        store.set_status_tags(NAME, LABEL)
        assert console.tags(NAME) == once

    def test_setting_status_tags_writes_no_version_and_moves_no_staging_label(
        self, store: Store, console: Console, first: str, second: str
    ) -> None:
        store.put_pending(NAME, second, "{}")
        versions = console.labels(NAME)
        store.set_status_tags(NAME, LABEL)
        assert (console.labels(NAME), store.read(NAME, first)) == (versions, DOCUMENT)

    def test_setting_status_tags_leaves_the_tags_of_the_operator(
        self, store: Store, console: Console, first: str
    ) -> None:
        console.tag(NAME, team="search")
        store.set_status_tags(NAME, LABEL)
        assert console.tags(NAME) == {"team": "search", **LABEL.to_tags()}

    def test_tags_of_the_operator_are_no_status_tags(self, store: Store, console: Console, first: str) -> None:
        console.tag(NAME, status="of the operator")
        assert store.describe(NAME).status_tags is None

    def test_status_tags_survive_a_rotation(self, store: Store, first: str, second: str) -> None:
        store.set_status_tags(NAME, LABEL)
        store.put_pending(NAME, second, "{}")
        store.promote(NAME, second, replacing=first)
        assert store.describe(NAME).status_tags == LABEL

    def test_a_secret_without_a_value_can_get_status_tags(self, store: Store, console: Console) -> None:
        console.create_without_value(NAME)
        store.set_status_tags(NAME, LABEL)
        assert store.describe(NAME) == SecretState(NAME, store.describe(NAME).arn, None, None, LABEL)

    @pytest.mark.parametrize(
        ("operation", "call"),
        [
            pytest.param("DescribeSecret", lambda store, version: store.describe(NAME), id="a description"),
            pytest.param("GetSecretValue", lambda store, version: store.read(NAME, version), id="a read"),
            pytest.param("ListSecretVersionIds", lambda store, version: store.history(NAME), id="a list of versions"),
            pytest.param("PutSecretValue", lambda store, version: store.put_pending(NAME, VERSION, "{}"), id="a write"),
            pytest.param(
                "UpdateSecretVersionStage",
                lambda store, version: store.promote(NAME, version, replacing=version),
                id="a promotion",
            ),
            pytest.param(
                "TagResource", lambda store, version: store.set_status_tags(NAME, LABEL), id="setting the status tags"
            ),
        ],
    )
    def test_an_error_of_a_denied_call_names_the_operation_and_will_not_pass(
        self,
        store: Store,
        console: Console,
        first: str,
        operation: str,
        call: Callable[[Store, str], object],
    ) -> None:
        console.create("other", DOCUMENT)
        console.deny(NAME, operation)
        with pytest.raises(ServiceUnavailableError) as raised:
            call(store, first)
        error = raised.value
        assert (error.call, error.code, error.passing) == (
            f"secretsmanager.{operation}",
            "AccessDeniedException",
            False,
        )
        assert missing_right(error) == f"secretsmanager:{operation}"
        # The denial is of that secret alone, and the list has it all the same.
        assert store.describe("other").current
        assert {state.name for state in store.managed()} == {NAME, "other"}

    def test_a_missing_secret_cannot_get_status_tags(self, store: Store) -> None:
        with pytest.raises(CredentialNotFoundError):
            store.set_status_tags(NAME, LABEL)

    # --- Staging labels that an operator moves ---------------------------------------------------------------------

    @pytest.fixture
    def rotated(self, store: Store, first: str, second: str) -> str:
        """Promote the second version, and return it."""
        store.put_pending(NAME, second, "{}")
        store.promote(NAME, second, replacing=first)
        return second

    def test_a_new_secret_has_no_previous_version(self, store: Store, first: str) -> None:
        assert store.describe(NAME).previous is None

    def test_the_replaced_version_is_the_previous_one(self, store: Store, first: str, rotated: str) -> None:
        assert store.describe(NAME).previous == first

    def test_a_rollback_leaves_the_pending_label_where_it_was(
        self, store: Store, console: Console, first: str, rotated: str
    ) -> None:
        console.move(NAME, CURRENT, first)
        state = store.describe(NAME)
        assert (state.current, state.pending) == (first, rotated)

    def test_after_a_rollback_the_left_version_is_the_previous_one_and_no_unfinished_successor(
        self, store: Store, console: Console, first: str, rotated: str
    ) -> None:
        console.move(NAME, CURRENT, first)
        state = store.describe(NAME)
        assert (state.previous, state.unfinished_successor) == (rotated, None)

    def test_a_rollback_and_its_reversal_end_where_they_began(
        self, store: Store, console: Console, first: str, rotated: str
    ) -> None:
        before = store.describe(NAME)
        console.move(NAME, CURRENT, first)
        console.move(NAME, CURRENT, rotated)
        assert store.describe(NAME) == before

    def test_after_a_rollback_an_edit_makes_the_restored_version_the_previous_one(
        self, store: Store, console: Console, first: str, rotated: str
    ) -> None:
        console.move(NAME, CURRENT, first)
        console.edit(NAME, DOCUMENT)
        state = store.describe(NAME)
        assert (state.previous, state.pending) == (first, rotated)

    def test_the_second_successor_of_a_restored_version_takes_the_pending_label(
        self, store: Store, console: Console, first: str, rotated: str
    ) -> None:
        console.move(NAME, CURRENT, first)
        third = list(successors(store.describe(NAME).arn, first))[1]
        store.put_pending(NAME, third, "{}")
        state = store.describe(NAME)
        assert (state.unfinished_successor, state.previous) == (third, rotated)

    def test_storing_a_rolled_back_version_again_moves_no_staging_label(
        self, store: Store, console: Console, first: str, rotated: str
    ) -> None:
        """PutSecretValue "succeeds but does nothing", so the version would seem stored and not be pending."""
        console.move(NAME, CURRENT, first)
        console.remove_label(NAME, PENDING)
        store.put_pending(NAME, rotated, "{}")
        assert store.describe(NAME).pending is None

    def test_a_removed_staging_label_is_on_no_version(self, store: Store, console: Console, second: str) -> None:
        store.put_pending(NAME, second, "{}")
        console.remove_label(NAME, PENDING)
        assert store.describe(NAME).pending is None

    @pytest.mark.parametrize("content", [pytest.param("no document", id="a text"), pytest.param(b"\x00", id="bytes")])
    def test_a_pending_version_of_another_writer_is_recognized(
        self, store: Store, console: Console, first: str, content: str | bytes
    ) -> None:
        foreign = console.stage(NAME, content)
        state = store.describe(NAME)
        assert (state.foreign_pending, state.own_pending, state.unfinished_successor) == (foreign, None, None)

    def test_a_stored_successor_takes_the_pending_label_from_a_version_of_another_writer(
        self, store: Store, console: Console, second: str
    ) -> None:
        console.stage(NAME, "no document")
        store.put_pending(NAME, second, "{}")
        assert store.describe(NAME).own_pending == second

    def test_the_history_has_every_version_the_newest_first(
        self, store: Store, console: Console, first: str, rotated: str
    ) -> None:
        edited = console.edit(NAME, DOCUMENT)
        assert [one.version_id for one in store.history(NAME)] == [edited, rotated, first]

    def test_the_history_has_the_staging_labels(self, store: Store, console: Console, first: str, rotated: str) -> None:
        console.move(NAME, CURRENT, first)
        labels = {one.version_id: (one.is_current, one.is_previous, one.is_pending) for one in store.history(NAME)}
        assert labels == {first: (True, False, False), rotated: (False, True, True)}

    def test_the_history_has_versions_without_a_staging_label(
        self, store: Store, console: Console, first: str, rotated: str
    ) -> None:
        for number in range(3):
            console.edit(NAME, f'{{"number": {number}}}')
        assert {first, rotated} <= {one.version_id for one in store.history(NAME)}

    def test_a_secret_without_a_value_has_no_history(self, store: Store, console: Console) -> None:
        console.create_without_value(NAME)
        assert store.history(NAME) == []


class Call(Protocol):
    """One call on a store."""

    def __call__(self, store: Store, first: str) -> object:
        """Make the call."""
        ...
