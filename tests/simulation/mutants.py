"""Deliberate mistakes in the protocol, each as a change of one function's source."""

import inspect
import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from tests.fakes import memory_registry
from token_refresher.refresh import attempt as refresh
from token_refresher.refresh import recorder
from token_refresher.refresh.attempt import Attempt
from token_refresher.refresh.older_copies import OlderCopies
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation import publisher, recovery, rotation
from token_refresher.rotation.intent import ExchangeIntent
from token_refresher.rotation.publisher import Publisher
from token_refresher.rotation.recovery import Recovery
from token_refresher.rotation.rotation import Rotation, _Placement
from token_refresher.rotation.token_family import TokenFamily
from token_refresher.rotation.token_succession import TokenSuccession


@dataclass(frozen=True)
class Mutant:
    """One mistake.

    Attributes:
        mistake: The mistake, in words.
        owner: The class or module of the function.
        function: The function's name.
        line: A part of its source, which occurs exactly once.
        instead: The replacement of that part.
    """

    mistake: str
    owner: Any
    function: str
    line: str
    instead: str

    def alive(self) -> AbstractContextManager[Any]:
        """Return a context in which the function has the mistake."""
        original = inspect.getattr_static(self.owner, self.function)
        source = textwrap.dedent(inspect.getsource(original))
        assert source.count(self.line) == 1, f"{self.mistake}: {self.line!r} stands {source.count(self.line)} times"
        return mock.patch.object(
            self.owner, self.function, _compiled(source.replace(self.line, self.instead), original)
        )


def _compiled(source: str, original: Callable[..., Any]) -> Callable[..., Any]:
    scope: dict[str, Any] = {}
    # The source is that of a function of this project, with one of the changes below.
    exec(compile(source, f"<mutant of {original.__qualname__}>", "exec"), original.__globals__, scope)  # noqa: S102
    mutant: Callable[..., Any] = scope[original.__name__]
    return mutant


MUTANTS = [
    Mutant(
        "promote before put",
        _Placement,
        "_round",
        "    if ours.version_id not in",
        "    self._store.promote(self._state.name, ours.version_id, replacing=base.version_id)\n"
        "    if ours.version_id not in",
    ),
    Mutant(
        "no compare-and-swap",
        _Placement,
        "_promote",
        "replacing=replacing",
        "replacing=self._store.describe(self._state.name).require_current()",
    ),
    Mutant(
        "a random successor id",
        _Placement,
        "_round",
        "ours = Version(free,",
        "ours = Version(__import__('uuid').uuid4().hex,",
    ),
    Mutant(
        "no recovery",
        Recovery,
        "recover",
        "state, recovered = self._finish_pending(state, unfinished)",
        "return state, self._rotation.read(state), False",
    ),
    Mutant(
        "a promotion without an answer is repeated blindly",
        _Placement,
        "_promote",
        "self._must_read_again = True",
        "pass",
    ),
    Mutant("a recovery without an answer is repeated blindly", Recovery, "_promote", "is_in_doubt = True", "pass"),
    Mutant("orphans are ignored", Recovery, "_orphans", "if intent is None or", "if True or"),
    Mutant("an edit from an old copy is not repaired", OlderCopies, "rejoin", "if not fingerprint or", "if True or"),
    Mutant(
        "the versions are not searched",
        OlderCopies,
        "rejoin",
        "newest = self._newest_after(state, version, entry, versions)",
        "newest = None",
    ),
    Mutant("the oldest token of a sign-in is taken for the newest", TokenSuccession, "newest_after", "max(", "min("),
    Mutant("two sign-ins are mixed up", TokenSuccession, "_followers", "newer.consent_generation ==", "'' !="),
    Mutant(
        "a consent that was taken back returns from escrow",
        Recovery,
        "_was_taken_back",
        "before is not None and",
        "False and",
    ),
    Mutant(
        "no escrow when the store is down",
        Rotation,
        "keep",
        "self.patience.call(RECORD_RESERVE, self._escrow.put, escrowed)",
        "pass",
    ),
    Mutant("the escrow is never read", Recovery, "recover", "if read_escrow else []", "if False else []"),
    Mutant("the escrow is never deleted", Recovery, "recover", "self._remove(escrowed)", "pass"),
    Mutant(
        "no intent before the exchange",
        Attempt,
        "_exchanged",
        "entry = self.exchanges.begin(before, intent)",
        "entry = before.intending(intent)",
    ),
    Mutant(
        "a pause ends with the attempt that was under way",
        recorder,
        "save_result",
        "newer.paused() if stored.is_paused else newer",
        "newer",
    ),
    Mutant("a consent ends a pause", RegistryEntry, "fresh", "paused = self.is_paused", "paused = False"),
    Mutant(
        "an exchange under way is taken for ended",
        refresh,
        "is_due",
        "intent.may_be_under_way(now, timing.lease)",
        "False",
    ),
    Mutant("no lease", ExchangeIntent, "may_be_under_way", "now < self.at + lease", "False"),
    Mutant("a stale read is trusted", ExchangeIntent, "has_spent", "now < self.at + lease", "False"),
    Mutant(
        "the registry is written without a condition",
        memory_registry,
        "conditional_put",
        "!= record.revision",
        "is None",
    ),
    Mutant(
        "a refresh replaces only the token that it presented",
        Attempt,
        "_stored",
        "(presented, entry.lineage)",
        "(presented)",
    ),
    Mutant(
        "an old copy stands against what was left behind", recovery, "family_of_found", "presented, known", "presented"
    ),
    Mutant("a refresh replaces an import", TokenFamily, "may_replace", "self.is_consent or", "True or"),
    Mutant("a consent replaces no more than a refresh", TokenFamily, "may_replace", "self.is_consent or", "False or"),
    Mutant(
        "another worker's version under the same successor id is taken for one's own",
        _Placement,
        "_put",
        "    self._resolve_collision(ours.version_id)\n        raise",
        "    return",
    ),
    Mutant("a refresh stands against a stored consent", rotation, "outranks", "family.is_consent\n", "True\n"),
    Mutant("a pipeline gets an older token again", publisher, "_is_newer", "theirs > ours or", "False and"),
    Mutant(
        "a publication without compare-and-swap",
        Publisher,
        "publish",
        "version_id=successor(seen.secret, seen.version_id or _FIRST)",
        "version_id=__import__('uuid').uuid4().hex",
    ),
    Mutant(
        "an answer without access token is dropped",
        Attempt,
        "_stored",
        "    # 6 and 7.",
        "    if grant.access_token is None:\n"
        "        return self.recorder.retry_later(entry, seen.version, no_access_token(), None, '')\n"
        "    # 6 and 7.",
    ),
]
"""Mistakes that a tired developer might make. Each must make a test fail."""
