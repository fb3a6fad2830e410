"""The pages of a consent name the provider of the credential, and none if nobody knows which one is meant."""

from dataclasses import replace

import pytest

from tests.fakes.acme import ACME, AcmeWorld
from tests.fakes.failures import REVOKED
from tests.fakes.fake_authority import OWNER
from tests.fakes.outages import down
from tests.fakes.world import NAME, World
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.words import MICROSOFT
from token_refresher.consent.result import ConsentEndedError, ConsentOutcome, ConsentResult
from token_refresher.credential.document import Credential
from token_refresher.providers.provider import Provider


@pytest.fixture
def world() -> AcmeWorld:
    """A credential that a person has connected."""
    world = AcmeWorld()
    world.manage()
    world.consenting(person=OWNER)()
    return world


def ending_of(world: World, invite: str) -> ConsentResult:
    with pytest.raises(ConsentEndedError) as ended:
        world.consent.landing(NAME, invite)
    return ended.value.result


def test_the_landing_page_and_the_result_have_the_words_of_the_provider(world: AcmeWorld) -> None:
    assert world.consent.landing(NAME, world.invite()).words == ACME
    result = world.complete(world.go_and_return())
    assert (result.ending, result.words) == (ConsentOutcome.CONNECTED, ACME)


def test_microsoft_is_the_provider_of_a_document_that_names_none() -> None:
    world = World()
    world.manage()
    assert world.consent.landing(NAME, world.invite()).words == MICROSOFT


def test_a_refused_sign_in_has_the_words_of_the_provider(world: AcmeWorld) -> None:
    back = world.go_and_return()
    world.authority.failures.append(REVOKED)
    result = world.complete(back)
    assert result.words == ACME
    assert "Microsoft" not in result.cause + result.action


def test_a_second_hit_has_the_words_even_before_the_first_one_has_read_the_credential(world: AcmeWorld) -> None:
    back = world.go_and_return()
    seen: list[ConsentResult] = []
    world.calls.at("before", "authority.redeem", lambda: seen.append(world.complete(back)))
    world.complete(back)
    assert [(one.ending, one.words) for one in seen] == [(ConsentOutcome.UNDER_WAY, ACME)]


def test_a_sign_in_that_could_not_be_stored_has_the_words_of_the_provider(world: AcmeWorld) -> None:
    back = world.go_and_return()
    down(world, "store.describe")
    result = world.complete(back)
    assert (result.ending, result.words) == (ConsentOutcome.STORE_DOWN, ACME)


def test_a_link_that_was_used_has_the_words_of_the_provider(world: AcmeWorld) -> None:
    invite = world.invite()
    world.consenting(person=OWNER)()
    assert (ending_of(world, invite).ending, ending_of(world, invite).words) == (ConsentOutcome.ALREADY_DONE, ACME)


def test_an_invalid_link_names_nobody(world: AcmeWorld) -> None:
    assert ending_of(world, "altered") == ConsentResult(ConsentOutcome.INVALID_INVITE)


def test_a_sign_in_for_a_deleted_credential_names_nobody(world: AcmeWorld) -> None:
    back = world.go_and_return()
    world.store.delete(NAME)
    assert world.complete(back) == ConsentResult(ConsentOutcome.UNKNOWN_STATE)


def test_a_document_that_cannot_be_used_is_for_the_operator_before_anybody_signs_in(
    world: AcmeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is sent to a provider that is not known."""
    invite = world.invite()
    monkeypatch.setattr(AcmeWorld, "providers", property(lambda _: Unknown()))
    assert (ending_of(world, invite).ending, ending_of(world, invite).words) == (ConsentOutcome.OPERATOR_NEEDED, None)


def test_a_used_link_of_a_provider_that_is_not_known_says_who_has_connected_it(
    world: AcmeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite = world.invite()
    world.consenting(person=OWNER)()
    monkeypatch.setattr(AcmeWorld, "providers", property(lambda _: Unknown()))
    result = ending_of(world, invite)
    assert (result.ending, result.previous_username, result.words) == (
        ConsentOutcome.ALREADY_DONE,
        OWNER.username,
        None,
    )


def test_a_result_of_an_earlier_version_can_still_be_read() -> None:
    now = ConsentResult(ConsentOutcome.REFUSED_BY_PROVIDER, NAME, cause="Why.", words=ACME)
    before = {**now.to_document(), "ending": "refused_by_microsoft"}
    del before["words"]
    assert ConsentResult.from_document(before) == replace(now, words=None)


class Unknown:
    """Knows no provider."""

    def of(self, credential: Credential) -> Provider:
        """See `Providers.of`."""
        raise MalformedCredentialError("provider", f"{credential.provider} is not known")
