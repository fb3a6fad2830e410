"""What a simulation knows that no process does: every token, where it is, and what must be so at every moment."""

import json
from collections.abc import Iterator

from tests.fakes.calls import KilledError
from tests.fakes.fake_authority import Kind
from tests.fakes.memory_store import CURRENT, PENDING
from tests.fakes.world import NAME
from tests.simulation.actors import Actor
from tests.simulation.simulated_world import SimulatedWorld
from token_refresher.credential import Credential
from token_refresher.errors import CredentialNotFoundError, MalformedCredentialError, ServiceUnavailableError
from token_refresher.intent import End
from token_refresher.registry_entry import RegistryEntry
from token_refresher.secret_store import successor

UNKNOWN_KEY = '"kept byte for byte": 1.10'
"""A key of the operator, as text that no JSON library writes again in the same way."""


class Ledger:
    """Compares what is stored with what was issued.

    A sign-in is a family of refresh tokens. Within a family the newest token that was ever stored must not get lost.
    Between families, the last consent or import stands.
    """

    def __init__(self, world: SimulatedWorld) -> None:
        self.world = world
        self.note = 0
        """The number of the operator's last edit."""
        self.is_broken = False
        """Whether the operator's last edit is no credential document."""
        self.is_paused = False
        """Whether the operator has set the credential aside, and not resumed it."""
        self.violations: list[str] = []
        """What must not happen, and did, while a process was running."""
        self._stored: set[str] = set()
        self._reinstated: set[str] = set()
        self._given_up: set[str] = set()
        self._beside: dict[Actor, set[int]] = {}
        """What an operator put while a process was running."""
        self._imported_beside: dict[int, set[int]] = {}
        """The same, of each consent's family."""
        self._last_current: str | None = None
        self._under_way_at_the_pause: str | None = None
        """The attempt that had begun when the operator paused the credential: it may go on to its end."""
        self._was_current: set[int] = set()
        self._may_stand: list[int] = []
        """The families of which one has to be current in the end, in the order of their consents and imports."""
        world.authority.on_present = self._presented
        world.authority.on_issue = self._issued

    # --- What happens --------------------------------------------------------------------------------------------

    def put_by_the_operator(self, token: str, *, anew: bool = False) -> None:
        """Take note of a refresh token that an operator put into the document.

        Args:
            token: The token.
            anew: Whether the secret was deleted before: what was stored in it is gone by decision.
        """
        before = self._last_current
        if anew:
            self._given_up |= self._stored
            self._stored = set()
        self._stored.add(token)
        self._given_up.discard(token)
        family = self._family(token)
        if before is not None and self._family(before) == family and not anew:
            return  # An edit of other keys, or from an old copy: the sign-in is the same.
        # To bring an older sign-in back is a decision, and gives up whatever followed that token.
        newer = {one for one in self._stored if self._is_newer(one, token)}
        if newer:
            self._reinstated.add(token)
            self._given_up |= newer
            self._stored -= newer
        held = {self._family(actor.holds) for actor in self.world.scheduled.live if actor.holds}
        consents = {self._family(one) for one in self._stored & self.world.authority.consents}
        # Until its end is recorded, nobody can tell a consent that an operator undid from one that an edit overtook.
        intent = self.world.registry.entries[NAME].intent if NAME in self.world.registry.entries else None
        is_recorded = intent is None or not intent.is_consent or intent.is_settled
        unsettled = consents - self._was_current if is_recorded else consents
        self._may_stand = [one for one in self._may_stand if one in held | unsettled] + [family]
        if anew:
            self._reinstated.add(token)
        for actor in self.world.scheduled.live:
            self._beside.setdefault(actor, set()).add(family)

    def put_on_pause(self, entry: RegistryEntry) -> None:
        """Take note of what was under way when an operator set the credential aside."""
        if not self.is_paused:
            self._under_way_at_the_pause = entry.intent.attempt if entry.intent else None
        self.is_paused = True

    def _check_no_pause(self, token: str) -> None:
        intent = self.world.registry.entries[NAME].intent if self.is_paused else None
        is_under_way = intent and intent.end is End.OPEN and intent.attempt == self._under_way_at_the_pause
        if self.is_paused and not is_under_way:
            self.violations.append(f"{token} was presented although the credential is paused")

    def _issued(self, token: str) -> None:
        actor = self.world.scheduled.running
        if actor is not None:
            actor.holds = token
        if token in self.world.authority.consents:
            self._may_stand.append(self._family(token))
            self._imported_beside[self._family(token)] = self._beside.get(actor, set()) if actor else set()

    def _presented(self, token: str) -> None:
        self.look()
        self._check_no_pause(token)
        if self.world.authority.kind is Kind.NONE or token in self._reinstated:
            return
        newer = [one for one in self._stored if self._is_newer(one, token)]
        if newer:
            self.violations.append(f"{token} was presented although {newer} were stored")
        held = [actor.name for actor in self.world.scheduled.live if actor.holds and self._is_newer(actor.holds, token)]
        if held:
            self.violations.append(f"{token} was presented although {held} had its successor already")

    # --- What is where -------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Take note of what is stored now."""
        current = self.current_token()
        self._given_up.discard(current or "")  # It was found again, which is better still.
        found = (set(self._tokens_in_store()) | set(self._tokens_in_escrow())) - self._given_up
        for token in sorted(found - self._stored, key=self._order):
            family = self._family(token)
            if token in self.world.authority.consents and family in self._may_stand:
                # Stored, it outranks whatever came before it. What an operator put while it was under way may stand as
                # well: once the callback is dead, nobody can tell which of them was first.
                place = self._may_stand.index(family)
                beside = [one for one in self._may_stand[:place] if one in self._imported_beside.get(family, set())]
                self._may_stand = beside + self._may_stand[place:]
        self._stored |= found
        if current is not None:
            self._last_current = current
            self._was_current.add(self._family(current))

    def current_token(self) -> str | None:
        """Return the refresh token that is current."""
        try:
            return token_in(self.world.store.current_text(NAME))
        except CredentialNotFoundError:
            return None

    def _within_reach(self) -> set[str]:
        """Return the refresh tokens that the next attempt finds: current, pending, intended, or in escrow."""
        labels, contents = self.world.store.labels(NAME), self.world.store.contents(NAME)
        versions = {labels.get(CURRENT), labels.get(PENDING)}
        entry = self.world.registry.entries.get(NAME)
        if entry is not None and entry.intent is not None:
            versions.add(successor(self.world.store.arn(NAME), entry.intent.version_id))
        texts = [content for version, content in contents.items() if version in versions]
        return {token for text in texts if (token := token_in(text))} | set(self._tokens_in_escrow())

    def _tokens_in_store(self) -> Iterator[str]:
        for content in self.world.store.contents(NAME).values():
            if token := token_in(content):
                yield token

    def _tokens_in_escrow(self) -> Iterator[str]:
        for text in self.world.escrow.kept.values():
            fields = json.loads(text)
            # What belongs to a secret that was deleted is of no use to the one that has its name now.
            if fields["refresh_token"] and fields["arn"] == self.world.store.arn(NAME):
                yield fields["refresh_token"]

    # --- What must be so at every moment -------------------------------------------------------------------------

    def check(self) -> None:
        """Check what must hold at every moment."""
        self.look()
        assert not self.violations, self.violations
        assert self.world.registry.entries[NAME].is_paused is self.is_paused, "only the operator pauses and resumes"
        self._check_nothing_is_lost()
        self._check_the_document()

    def _check_nothing_is_lost(self) -> None:
        current = self.current_token()
        if current is None:
            return
        family = self._family(current)
        if family not in self._may_stand:
            # A consent is stored and outranks what is current: its tokens are the ones that must not get lost.
            stored = {self._family(token) for token in self._stored}
            family = [one for one in self._may_stand if one in stored][-1]
        newest = self._newest_of(family)
        held = {actor.holds for actor in self.world.scheduled.live}
        reach = self._within_reach()
        assert newest in reach | held, f"{newest} was stored, and now only {sorted(reach)} are within reach"

    def check_end(self, actor: Actor) -> None:
        """Check how a process ended: whatever it was given, it has stored, unless it was killed or nothing took it."""
        self.look()
        token, error = actor.holds, actor.error
        if token is None or token in self._stored | self._given_up or isinstance(error, KilledError):
            return
        if isinstance(error, ServiceUnavailableError) and error.call == "escrow.put":
            return
        current = self.current_token()
        family = self._family(token)
        if any(json.loads(text)["refresh_token"] == token for text in self.world.escrow.kept.values()):
            # It is in escrow for a secret that was deleted meanwhile, and goes with it.
            self._may_stand = [one for one in self._may_stand if one != family] or self._may_stand
            return
        if current is None:
            return  # The secret is gone, or broken.
        if self._family(current) != family:
            assert self._may_stand[-1] != family, f"{actor.name} ended ({error!r}) and dropped the sign-in of {token}"
            return  # Another sign-in outranks this one.
        assert not self._is_newer(token, current), f"{actor.name} ended ({error!r}) and dropped {token}"

    def _check_the_document(self) -> None:
        if self.is_broken:
            return
        text = self.world.store.current_text(NAME)
        Credential.parse(text)
        assert UNKNOWN_KEY in text, "an unknown key was changed"
        assert f'"note": {self.note},' in text, f"the operator's edit {self.note} was dropped: {text}"

    # --- What must not happen at a promotion ---------------------------------------------------------------------

    def check_promotion(self, before: str, after: str) -> None:
        """Check that AWSCURRENT does not go back to an older grant."""
        old, new = token_in(before), token_in(after)
        actor = self.world.scheduled.running
        if new in self.world.authority.consents and actor is not None and actor.holds == new:
            # A consent that is under way goes on top of a secret that was created anew, too.
            family = self._family(new)
            self._may_stand = [one for one in self._may_stand if one != family] + [family]
        if new is None:
            self.violations.append("a promotion took the refresh token away")
        elif old is not None and self._family(old) == self._family(new) and self._is_newer(old, new):
            self.violations.append(f"{new} was promoted over {old}, which is newer")
        elif old is not None and self._family(old) != self._family(new) and new not in self.world.authority.consents:
            self.violations.append(f"{new} was promoted over {old}, which is of another sign-in")

    # --- What must be so in the end ------------------------------------------------------------------------------

    def check_quiet(self) -> None:
        """Check what must hold once faults have stopped and two ticks have passed."""
        self.check()
        current = self.current_token()
        assert current is not None
        assert current == self._newest_of(self._family(current)), f"{current} is current, and not the newest"
        assert self._family(current) in self._may_stand, f"{current} is current, of a sign-in that was replaced"
        assert not self.world.escrow.kept, "something is left in escrow"
        assert self.world.store.describe(NAME).unfinished_successor is None, "something is left pending"

    # --- Order ---------------------------------------------------------------------------------------------------

    def _newest_of(self, family: int) -> str:
        """Return the newest refresh token of a sign-in that was ever stored: what died with its holder was not."""
        return max((token for token in self._stored if self._family(token) == family), key=self._order)

    def _family(self, token: str) -> int:
        return self.world.authority.family_of(token)

    def _order(self, token: str) -> int:
        return self.world.authority.issued.index(token)

    def _is_newer(self, one: str, other: str) -> bool:
        return self._family(one) == self._family(other) and self._order(one) > self._order(other)


def token_in(content: str | bytes) -> str | None:
    """Return the refresh token in a document, if it is one."""
    try:
        token = Credential.parse(content if isinstance(content, str) else "").refresh_token
    except MalformedCredentialError:
        return None
    return token.reveal() if token else None
