"""Deliberate mistakes in the protocol, each as a change of one function's source."""

import inspect
import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from tests.fakes import memory_registry
from token_refresher import recovery, refresh, rotation
from token_refresher.bookkeeping import Bookkeeping
from token_refresher.intent import Intent
from token_refresher.lineage import Lineage
from token_refresher.recovery import Recovery
from token_refresher.refresh import _Attempt
from token_refresher.registry_entry import RegistryEntry
from token_refresher.rotation import Rotation, _Placement


@dataclass(frozen=True)
class Mutant:
    """One mistake.

    Attributes:
        mistake: What it is, in words.
        owner: The class or module that holds the function.
        function: The function's name.
        line: What stands in its source, exactly once.
        instead: What stands there in the mutant.
    """

    mistake: str
    owner: Any
    function: str
    line: str
    instead: str

    def alive(self) -> AbstractContextManager[Any]:
        """Return the context in which the mistake is made."""
        original = inspect.getattr_static(self.owner, self.function)
        source = textwrap.dedent(inspect.getsource(original))
        assert source.count(self.line) == 1, f"{self.mistake}: {self.line!r} stands {source.count(self.line)} times"
        return mock.patch.object(
            self.owner, self.function, _compiled(source.replace(self.line, self.instead), original)
        )


def _compiled(source: str, original: Callable[..., Any]) -> Callable[..., Any]:
    scope: dict[str, Any] = {}
    # The source is that of our own function, with one of the changes below.
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
        "_round",
        "replacing=base.version_id",
        "replacing=self._store.describe(self._state.name).require_current()",
    ),
    Mutant(
        "a random successor id",
        _Placement,
        "_round",
        "successor(self._state.arn, base.version_id)",
        "__import__('uuid').uuid4().hex",
    ),
    Mutant(
        "no recovery",
        Recovery,
        "recover",
        "promoted = self._finish_pending(state)",
        "return state, self._rotation.read(state), False",
    ),
    Mutant("orphans ignored", Recovery, "_orphans", "if intent is None or", "if True or"),
    Mutant(
        "an edit from an old copy not healed", Recovery, "_orphans", "if version.credential.fingerprint in", "if 0 in"
    ),
    Mutant(
        "escrow forgotten when the store is down",
        Rotation,
        "keep",
        "self.patience.call(RECORD_RESERVE, self._escrow.put, escrowed)",
        "pass",
    ),
    Mutant("escrow never looked into", Recovery, "recover", "if look_into_escrow else []", "if False else []"),
    Mutant("escrow never emptied", Recovery, "recover", "self._remove(escrowed)", "pass"),
    Mutant(
        "no intent before the exchange",
        _Attempt,
        "_exchange",
        "books.begin(books.entry.intending(intent).spending(spent))",
        "books.entry = books.entry.intending(intent).spending(spent)",
    ),
    Mutant(
        "a pause that ends with what was under way",
        Bookkeeping,
        "save",
        "after.paused() if stored.is_paused else after",
        "after",
    ),
    Mutant("a pause that a consent ends", RegistryEntry, "fresh", "paused = self.is_paused", "paused = False"),
    Mutant(
        "what is under way is taken for over", refresh, "is_due", "intent.may_be_under_way(now, timing.lease)", "False"
    ),
    Mutant("no lease", Intent, "may_be_under_way", "now < self.at + lease", "False"),
    Mutant("an old read believed", Intent, "has_spent", "now < self.at + lease", "False"),
    Mutant(
        "registry written without a condition",
        memory_registry,
        "put_over",
        "!= record.revision",
        "is None",
    ),
    Mutant(
        "a refresh replaces only the token that it presented",
        _Attempt,
        "_exchange",
        "(base.presented, books.entry.lineage)",
        "(base.presented)",
    ),
    Mutant(
        "an old copy stands against what was left behind", recovery, "lineage_of_found", "presented, known", "presented"
    ),
    Mutant("a refresh replaces an import", Lineage, "may_replace", "self.is_consent or", "True or"),
    Mutant("a consent replaces no more than a refresh", Lineage, "may_replace", "self.is_consent or", "False or"),
    Mutant(
        "a rival under the same successor id is taken for our own",
        _Placement,
        "_put",
        "    self._finish_rival(ours.version_id)\n        raise",
        "    return",
    ),
    Mutant("a refresh stands against a stored consent", rotation, "outranks", "lineage.is_consent\n", "True\n"),
    Mutant(
        "an answer without access token given up",
        _Attempt,
        "_exchange",
        "    # 6 and 7.",
        "    if grant.access_token is None:\n"
        "        return self._retry_later(version, unusable_answer(), None, base.presented)\n"
        "    # 6 and 7.",
    ),
]
"""What a tired developer might do, and each time something must fail."""
