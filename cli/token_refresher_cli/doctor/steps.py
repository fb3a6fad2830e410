"""The steps of an installation, from a new stack to one that is monitored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.issuer import THE_DEFAULT
from token_refresher_cli.doctor.alerting import Subscription, subscriptions_of
from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.own_command import own_command


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: Its name in the JSON.
        text: What to do.
        done: Whether it is done; ``None`` if the command cannot know.
        commands: The commands to run, or the addresses to open.
    """

    name: str
    text: str
    done: bool | None
    commands: tuple[str, ...] = ()

    def to_document(self) -> dict[str, object]:
        """Return the step as ``--output json`` has it."""
        return {"step": self.name, "done": self.done, "text": self.text, "commands": list(self.commands)}


@dataclass(frozen=True)
class Progress:
    """How far an installation has come.

    Attributes:
        credentials: The names of all credentials.
        waiting: The names of those that wait for a sign-in.
        signed_in: Whether a person has ever signed in.
        only_advertising: Whether no credential is known to be for another provider than Microsoft Advertising.
        subscriptions: The subscriptions to the alerts.
    """

    credentials: tuple[str, ...]
    waiting: tuple[str, ...]
    signed_in: bool
    only_advertising: bool
    subscriptions: tuple[Subscription, ...]

    @classmethod
    def of(cls, installation: Installation) -> "Progress":
        """Read how far an installation has come; no secret value is read."""
        names = sorted(state.name for state in installation.store.managed())
        read = CheckContext(installation)
        entries = {name: read.entries.get(name) for name in names}
        return cls(
            tuple(names),
            tuple(name for name in names if _waits(entries[name])),
            any(_identity(entry) for entry in entries.values()),
            all(entry is None or entry.issuer == THE_DEFAULT for entry in entries.values()),
            tuple(subscriptions_of(read)),
        )


def _waits(entry: RegistryEntry | None) -> bool:
    """Tell whether a credential waits for a sign-in. One that no tick has seen most likely does."""
    return entry is None or (entry.status.needs_a_person and entry.status is not Status.NEEDS_OPERATOR)


def _identity(entry: RegistryEntry | None) -> Identity | None:
    return entry.identity if entry else None


def steps(installation: Installation, progress: Progress) -> Iterator[Step]:
    """Yield the steps in the best order."""
    outputs, kind = installation.outputs, "advertising " if progress.only_advertising else ""
    yield Step(
        "redirect-uri",
        "Register this redirect URI with your app at Microsoft, under the platform Web (docs/credentials.md)."
        if progress.only_advertising
        else "Register this redirect URI with each app, at Microsoft under the platform Web (docs/credentials.md), at"
        " other providers as docs/providers.md says.",
        progress.signed_in,
        (outputs["CallbackUrl"],),
    )
    yield _subscription(progress.subscriptions, outputs["AlertTopicArn"])
    yield Step("add", "Add a credential.", bool(progress.credentials), (own_command(installation, "add", "NAME"),))
    yield Step(
        "sign-in",
        f"Send its link to a person with access to the {kind}account, and let them sign in.",
        bool(progress.credentials) and not progress.waiting,
        tuple(own_command(installation, "link", name) for name in progress.waiting or ("NAME",)),
    )
    yield Step("dashboard", "Open the dashboard (docs/operations.md#the-dashboard).", None, (outputs["DashboardUrl"],))
    yield Step(
        "doctor",
        "Let your monitoring run the doctor; its exit code is 0 while all is well.",
        None,
        (own_command(installation, "doctor", "--output", "json"),),
    )


def _subscription(subscriptions: Sequence[Subscription], topic_arn: str) -> Step:
    pending = [one.endpoint for one in subscriptions if not one.confirmed]
    done = any(one.confirmed for one in subscriptions)
    if pending and not done:
        return Step("alerts", f"Open the link in the message that SNS sent to {', '.join(pending)}.", done=False)
    subscribe = f"aws sns subscribe --topic-arn {topic_arn} --protocol email --notification-endpoint ADDRESS"
    return Step("alerts", "Subscribe to the alerts, and confirm it.", done, (subscribe,))
