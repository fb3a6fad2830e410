"""The checks of a simulation: it knows every token and its place, which no process does."""

import json
import re
from contextlib import suppress

from tests.fakes.calls import KilledError
from tests.fakes.memory_store import CURRENT, PREVIOUS
from tests.fakes.world import NAME
from tests.simulation.actors import Actor
from tests.simulation.simulated_world import SimulatedWorld
from tests.simulation.tokens import Tokens, token_in
from token_refresher.base.errors import CredentialNotFoundError, ServiceUnavailableError
from token_refresher.credential.document import Credential
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.intent import End

UNKNOWN_KEY = '"kept byte for byte": 1.10'
"""A key of the operator, in a form that no JSON library would write."""


class Ledger:
    """Compares the stored tokens with the issued ones.

    The refresh tokens of a sign-in are a family. The newest token of a family that was ever stored must not get lost.
    Between families, the last consent or import must stand.
    """

    def __init__(self, world: SimulatedWorld) -> None:
        self.world = world
        self.tokens = Tokens(world)
        self.note = 0
        """The number of the operator's last edit."""
        self.is_broken = False
        """Whether the operator's last edit is not a credential document."""
        self.is_paused = False
        """Whether the operator has paused the credential, and not resumed it."""
        self.violations: list[str] = []
        """What a process did and must not do."""
        self._stored: set[str] = set()
        self._reinstated: set[str] = set()
        """The tokens of earlier sign-ins that an operator restored."""
        self._created_anew: set[str] = set()
        """The tokens with which an operator created a secret again, after its versions were gone."""
        self._given_up: set[str] = set()
        self._beside: dict[Actor, set[int]] = {}
        """The families that an operator imported while a process was running."""
        self._imported_beside: dict[int, set[int]] = {}
        """The same, by the family of each consent."""
        self._last_current: str | None = None
        self._ever_current: set[str] = set()
        """The versions that have ever been current."""
        self._known_current: set[str] = set()
        """Those of them that the registry knows as current, without an exchange in doubt."""
        self._under_way_at_the_pause: str | None = None
        """The attempt that had begun when the operator paused the credential; it may go on to its end."""
        self._was_current: set[int] = set()
        self._may_stand: list[int] = []
        """The families of which one must be current in the end, in the order of their consents and imports."""
        world.authority.on_present = self._presented
        world.authority.on_issue = self._issued

    # --- Events --------------------------------------------------------------------------------------------------

    def put_by_the_operator(self, token: str, *, anew: bool = False) -> None:
        """Note a refresh token that an operator put into the document.

        Args:
            token: The token.
            anew: Whether the secret was deleted before, so that its stored tokens are gone on purpose.
        """
        before = self._last_current
        if anew:
            self._given_up |= self._stored
            self._stored = set()
        self._stored.add(token)
        self._given_up.discard(token)
        family = self.tokens.family(token)
        if before is not None and self.tokens.family(before) == family and not anew:
            return  # An edit of other keys, or from an old copy: the sign-in is the same.
        # The operator may restore an older sign-in, and its stored successors then go on top. Successors that are no
        # longer stored were given up together with the sign-in.
        self._reinstated.add(token)
        within_reach = {token, *(set() if before is None or anew else self.tokens.within_reach())}
        given_up = {one for one in self._stored if self.tokens.family(one) == family} - within_reach
        self._given_up |= given_up
        self._stored -= given_up
        held = {self.tokens.family(actor.holds) for actor in self.world.scheduled.live if actor.holds}
        consents = {self.tokens.family(one) for one in self._stored & self.world.authority.consents}
        # Until the registry has its end, a consent that an operator undid looks like one that an edit overtook.
        intent = self.world.registry.entries[NAME].intent if NAME in self.world.registry.entries else None
        is_recorded = intent is None or not intent.is_consent or intent.is_settled
        unsettled = consents - self._was_current if is_recorded else consents
        if before is not None:
            unsettled.discard(self.tokens.family(before))  # It has AWSPREVIOUS now, so it was current.
        self._may_stand = [one for one in self._may_stand if one in held | unsettled] + [family]
        if anew:
            self._created_anew.add(token)
        for actor in self.world.scheduled.live:
            self._beside.setdefault(actor, set()).add(family)

    def moved_by_the_operator(self, version_id: str) -> None:
        """Note that an operator moves ``AWSCURRENT`` to a version: its keys and its sign-in must stand."""
        text = str(self.world.store.contents(NAME)[version_id])
        token, note = token_in(text), re.search(r'"note": (\d+)', text)
        assert token is not None
        assert note is not None
        self.observe()
        self.put_by_the_operator(token)
        self.note = int(note[1])
        self.is_broken = False

    def lose_evidence(self) -> None:
        """Note that ``AWSPREVIOUS`` is gone: nobody can tell any more whether a consent in doubt was current."""
        intent = self.world.registry.entries[NAME].intent if NAME in self.world.registry.entries else None
        if intent is not None and intent.is_consent and not intent.is_settled:
            consents = {self.tokens.family(one) for one in self._stored & self.world.authority.consents}
            self._may_stand = [*(consents - set(self._may_stand)), *self._may_stand]

    def put_on_pause(self, entry: RegistryEntry) -> None:
        """Note the attempt that was under way when an operator paused the credential."""
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
            self._may_stand.append(self.tokens.family(token))
            self._imported_beside[self.tokens.family(token)] = self._beside.get(actor, set()) if actor else set()

    def _presented(self, token: str) -> None:
        self.observe()
        self._check_no_pause(token)
        if not self.world.authority.kind.rotates or token in self._created_anew:
            return
        newer = [one for one in self._stored if self.tokens.is_newer(one, token)]
        if newer:
            self.violations.append(f"{token} was presented although {newer} were stored")
        held = [
            actor.name
            for actor in self.world.scheduled.live
            if actor.holds and self.tokens.is_newer(actor.holds, token)
        ]
        if held and token not in self._reinstated:
            self.violations.append(f"{token} was presented although {held} had its successor already")

    # --- State ---------------------------------------------------------------------------------------------------

    def observe(self) -> None:
        """Note what is stored now."""
        self._observe_the_labels()
        current = self.tokens.current()
        self._given_up.discard(current or "")  # It was found again, which is even better.
        found = self.tokens.within_reach() - self._given_up
        for token in sorted(found - self._stored, key=self.tokens.order):
            family = self.tokens.family(token)
            if token in self.world.authority.consents and family in self._may_stand:
                # A stored consent outranks everything before it. An import during the consent may stand as well: once
                # the callback is dead, nobody can tell which of the two was first.
                place = self._may_stand.index(family)
                beside = [one for one in self._may_stand[:place] if one in self._imported_beside.get(family, set())]
                self._may_stand = beside + self._may_stand[place:]
        self._stored |= found
        if current is not None:
            self._last_current = current
            self._was_current.add(self.tokens.family(current))

    def _observe_the_labels(self) -> None:
        with suppress(CredentialNotFoundError):
            self._ever_current.add(self.world.store.labels(NAME)[CURRENT])
        entry = self.world.registry.entries.get(NAME)
        if entry is not None and (entry.intent is None or entry.intent.is_settled):
            self._known_current.add(entry.version_id)

    # --- Invariants ----------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Check what must hold at every moment."""
        self.observe()
        assert not self.violations, self.violations
        assert self.world.registry.entries[NAME].is_paused is self.is_paused, "only the operator pauses and resumes"
        self._check_nothing_is_lost()
        self._check_the_document()

    def _check_nothing_is_lost(self) -> None:
        current = self.tokens.current()
        if current is None:
            return
        family = self.tokens.family(current)
        if family not in self._may_stand:
            # A stored consent outranks the current sign-in, so it is its tokens that must not get lost.
            stored = {self.tokens.family(token) for token in self._stored}
            family = [one for one in self._may_stand if one in stored][-1]
        newest = self._newest_of(family)
        held = {actor.holds for actor in self.world.scheduled.live}
        reach = self.tokens.within_reach()
        assert newest in reach | held, f"{newest} was stored, and now only {sorted(reach)} are within reach"

    def check_end(self, actor: Actor) -> None:
        """Check the end of a process: it has stored the token it received, unless it was killed or no store took it."""
        self.observe()
        token, error = actor.holds, actor.error
        if token is None or token in self._stored | self._given_up or isinstance(error, KilledError):
            return
        if isinstance(error, ServiceUnavailableError) and error.call == "escrow.put":
            return
        current = self.tokens.current()
        family = self.tokens.family(token)
        if any(json.loads(text)["refresh_token"] == token for text in self.world.escrow.kept.values()):
            # Its escrow belongs to a secret that has been deleted, and is lost with it.
            self._may_stand = [one for one in self._may_stand if one != family] or self._may_stand
            return
        if current is None:
            return  # The secret is gone, or broken.
        if self.tokens.family(current) != family:
            assert self._may_stand[-1] != family, f"{actor.name} ended ({error!r}) and dropped the sign-in of {token}"
            return  # The other sign-in outranks this one.
        assert not self.tokens.is_newer(token, current), f"{actor.name} ended ({error!r}) and dropped {token}"

    def _check_the_document(self) -> None:
        if self.is_broken:
            return
        text = self.world.store.current_text(NAME)
        Credential.parse(text)
        assert UNKNOWN_KEY in text, "an unknown key was changed"
        assert f'"note": {self.note},' in text, f"the operator's edit {self.note} was dropped: {text}"

    # --- Promotions ----------------------------------------------------------------------------------------------

    def check_promotion(self, before: str, after: str, promoted: str) -> None:
        """Check that AWSCURRENT goes back neither to an older token nor to a version that an operator took back."""
        old, new = token_in(before), token_in(after)
        if promoted in self._known_current or self.world.store.labels(NAME).get(PREVIOUS) == promoted:
            self.violations.append(f"{promoted} was promoted, which was current before")
        actor = self.world.scheduled.running
        if new in self.world.authority.consents and actor is not None and actor.holds == new:
            # A consent under way also goes on top of a secret that was created again.
            family = self.tokens.family(new)
            self._may_stand = [one for one in self._may_stand if one != family] + [family]
        if new is None:
            self.violations.append("a promotion took the refresh token away")
        elif old is not None and self.tokens.family(old) == self.tokens.family(new) and self.tokens.is_newer(old, new):
            self.violations.append(f"{new} was promoted over {old}, which is newer")
        elif (
            old is not None
            and self.tokens.family(old) != self.tokens.family(new)
            and new not in self.world.authority.consents
        ):
            self.violations.append(f"{new} was promoted over {old}, which is of another sign-in")

    # --- The end -------------------------------------------------------------------------------------------------

    def check_quiet(self) -> None:
        """Check what must hold after all faults have stopped and two ticks have passed."""
        self.check()
        current = self.tokens.current()
        assert current is not None
        assert current == self._newest_of(self.tokens.family(current)), f"{current} is current, and not the newest"
        assert self.tokens.family(current) in self._may_stand, f"{current} is current, of a sign-in that was replaced"
        assert not self.world.escrow.kept, "a token is left in escrow"
        assert self.world.store.describe(NAME).unfinished_successor in {None, *self._ever_current}, (
            "a version is left pending"
        )

    def _newest_of(self, family: int) -> str:
        """Return the newest stored refresh token of a family."""
        return max((token for token in self._stored if self.tokens.family(token) == family), key=self.tokens.order)
