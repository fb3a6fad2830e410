"""The contract of the secrets that consumers read, in memory and on AWS."""

import uuid
from typing import Final

import pytest

from token_refresher.base.errors import SuccessorExistsError, VersionNotFoundError
from token_refresher.rotation.publication import ConsumerSecrets

SECRET: Final = "token-refresher-consumers/analytics/acme"
FIRST, SECOND, THIRD = (str(uuid.uuid5(uuid.NAMESPACE_URL, text)) for text in ("first", "second", "third"))


class ConsumerSecretsContract:
    """What the publisher relies on."""

    def test_a_created_secret_has_its_first_version(self, secrets: ConsumerSecrets) -> None:
        secrets.create(SECRET, FIRST, '{"generation": 1}')
        current = secrets.current(SECRET)
        assert (current.version_id, current.text) == (FIRST, '{"generation": 1}')

    def test_a_new_version_is_current_at_once(self, secrets: ConsumerSecrets) -> None:
        secrets.create(SECRET, FIRST, "{}")
        secrets.put(SECRET, SECOND, '{"generation": 2}')
        assert secrets.current(SECRET).text == '{"generation": 2}'

    def test_of_two_writers_of_one_version_the_second_is_refused_and_changes_nothing(
        self, secrets: ConsumerSecrets
    ) -> None:
        secrets.create(SECRET, FIRST, "{}")
        secrets.put(SECRET, SECOND, '{"of": "the first"}')
        with pytest.raises(SuccessorExistsError):
            secrets.put(SECRET, SECOND, '{"of": "the second"}')
        assert secrets.current(SECRET).text == '{"of": "the first"}'

    def test_a_late_writer_of_a_version_that_was_replaced_changes_nothing(self, secrets: ConsumerSecrets) -> None:
        secrets.create(SECRET, FIRST, "{}")
        secrets.put(SECRET, SECOND, '{"of": "the first"}')
        secrets.put(SECRET, THIRD, '{"newest": true}')
        with pytest.raises(SuccessorExistsError):
            secrets.put(SECRET, SECOND, '{"of": "a late one"}')
        assert secrets.current(SECRET).text == '{"newest": true}'

    def test_a_repeated_write_changes_nothing(self, secrets: ConsumerSecrets) -> None:
        secrets.create(SECRET, FIRST, "{}")
        for _ in range(2):
            secrets.put(SECRET, SECOND, '{"generation": 2}')
        assert secrets.current(SECRET).version_id == SECOND

    def test_a_secret_that_is_there_is_not_created_again(self, secrets: ConsumerSecrets) -> None:
        secrets.create(SECRET, FIRST, "{}")
        with pytest.raises(SuccessorExistsError):
            secrets.create(SECRET, SECOND, '{"another": true}')
        assert secrets.current(SECRET).text == "{}"

    def test_without_a_secret_nothing_is_read_or_written(self, secrets: ConsumerSecrets) -> None:
        with pytest.raises(VersionNotFoundError):
            secrets.current(SECRET)
        with pytest.raises(VersionNotFoundError):
            secrets.put(SECRET, FIRST, "{}")
        secrets.delete(SECRET)

    def test_a_deleted_secret_is_gone_and_comes_back_when_it_is_created(self, secrets: ConsumerSecrets) -> None:
        secrets.create(SECRET, FIRST, "{}")
        secrets.delete(SECRET)
        with pytest.raises(VersionNotFoundError):
            secrets.current(SECRET)
        with pytest.raises(SuccessorExistsError):
            secrets.create(SECRET, SECOND, "{}")
        assert secrets.current(SECRET).version_id == FIRST
