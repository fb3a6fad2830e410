"""The phrases of alerts: what has stopped, until when pipelines work, who has to act.

The readers know neither this project nor OAuth. The diagnosis says what is wrong. These phrases say what it means for
the pipelines of one credential, at one moment.
"""

from datetime import datetime
from typing import Final

from token_refresher.base.clock import readable_time
from token_refresher.base.text import names, span
from token_refresher.base.words import Words
from token_refresher.credential.status import Status
from token_refresher.diagnosis.aws_refusal import TAGS_REFUSED
from token_refresher.diagnosis.diagnosis import (
    FIRST_CONSENT,
    LESS_SCOPE,
    MALFORMED_CREDENTIAL,
    NOT_PUBLISHED,
    TOO_MANY_VERSIONS,
    Actor,
    Concern,
    Diagnosis,
)
from token_refresher.registry.entry import RegistryEntry

NOTHING_YET: Final = "Nothing yet."
NOBODY: Final = "Nobody has to do anything."
NOBODY_YET: Final = "Nobody, for now. You get one message when it is over, or when a person has to act."
COMES_AND_GOES: Final = (
    " It comes and goes: you got a message about it within the last two hours. You get the message that it is over once"
    " it has stayed away for an hour."
)
OPERATOR: Final = (
    "The operator, who keeps this credential's secret in AWS Secrets Manager. If that is not you, pass it on."
)

REFUSED_AT_ALL: Final = frozenset(
    {
        "app_disabled",
        "app_unknown",
        "certificate",
        "client_refused",
        "client_secret_expired",
        "client_secret_missing",
        "client_secret_wrong",
        "public_client",
    }
)
"""The meanings for which a provider refuses every request of an application, be it for a sign-in or for a refresh.

Anything else that is wrong with an application, such as its redirect URI, stops sign-ins only.
"""

_STOPS_NO_RENEWAL: Final = {
    TOO_MANY_VERSIONS: "Nothing. {name} is renewed later than planned, as often as its secret allows.",
    LESS_SCOPE: "{name} is renewed as always. But {provider} refuses requests that need the missing permission.",
    NOT_PUBLISHED: "{name} is renewed as always. But pipelines that read its secret of publish_to get no new token.",
    TAGS_REFUSED: "Nothing. {name} is renewed as always; its secret no longer shows its status.",
}


def who(entry: RegistryEntry, actor: Actor) -> str:
    """Say who has to act."""
    known, words = (entry.identity.username if entry.identity else ""), entry.issuer.words
    match actor:
        case Actor.USER:
            person = f"{known}, who signed in last time, or another person" if known else "A person"
            return f"{person} who may {words.use}. If that is not you, pass it on."
        case Actor.ADMINISTRATOR:
            whose = f" of {known}" if known else " of the person who signs in"
            return f"An administrator of the {_organization(words)}{whose}. If that is not you, pass it on."
        case Actor.OPERATOR:
            return OPERATOR
        case Actor.NOBODY:
            return NOBODY_YET


def works_beside(entry: RegistryEntry, diagnosis: Diagnosis) -> bool:
    """Tell whether the credential is renewed as always, and only a new sign-in for it fails."""
    return (
        diagnosis.actor in {Actor.OPERATOR, Actor.ADMINISTRATOR}
        and diagnosis.meaning not in {TOO_MANY_VERSIONS, *REFUSED_AT_ALL}
        and entry.status is Status.HEALTHY
    )


def is_about_to_stop(entry: RegistryEntry, diagnosis: Diagnosis) -> bool:
    """Tell whether a sign-in was refused, so that the next refresh of a healthy credential will be refused as well."""
    return diagnosis.meaning in REFUSED_AT_ALL and entry.status is Status.HEALTHY


def summary(entry: RegistryEntry, diagnosis: Diagnosis, at: datetime) -> str:
    """Say in one sentence who has to act for one credential, and what stops when."""
    if diagnosis.meaning == TOO_MANY_VERSIONS:
        return f"{entry.name} is refreshed too often and is held back: the operator has to find out why."
    if diagnosis.meaning == LESS_SCOPE:
        provider = entry.issuer.words.provider
        return f"{_demand(entry, diagnosis)}: {entry.name} is renewed, but {provider} grants less than it asks for."
    if works_beside(entry, diagnosis):
        return f"{_demand(entry, diagnosis)} before anybody can sign in for {entry.name}; pipelines are not affected."
    return f"{_demand(entry, diagnosis)}{or_else(entry.name, entry.expires_at, at)}."


def _organization(words: Words) -> str:
    return "Microsoft organization (tenant)" if words.is_microsoft else "organization"


def _demand(entry: RegistryEntry, diagnosis: Diagnosis) -> str:
    words = entry.issuer.words
    match diagnosis.actor:
        case Actor.USER if diagnosis.meaning == FIRST_CONSENT:
            return f"A person has to sign in to {words.provider}"
        case Actor.USER:
            person = entry.identity.username if entry.identity and entry.identity.username else "A person"
            return f"{person} has to sign in to {words.provider} again"
        case Actor.ADMINISTRATOR:
            return f"An administrator of the {_organization(words).removesuffix(' (tenant)')} has to act"
        case _ if is_malformed(diagnosis):
            return "The operator has to correct a secret"
        case _:
            return "The operator has to act"


def or_else(name: str, expires_at: datetime | None, at: datetime) -> str:
    """Say what happens to pipelines if nobody acts, as the end of a sentence."""
    if expires_at is None:
        return f" before pipelines can use {name}"
    if expires_at <= at:
        return f": pipelines that use {name} have had no access since {readable_time(expires_at)}"
    return f", or pipelines that use {name} stop at {readable_time(expires_at)}"


def or_all_else(name: str, count: str, expires_at: datetime | None, at: datetime) -> str:
    """Say the same for several credentials, if the end of only one is known."""
    if expires_at is None:
        return f" before pipelines can use {name}; others that sign in as the same application may stop, too"
    if expires_at <= at:
        ended = readable_time(expires_at)
        return f": pipelines of {count} credentials have stopped or are about to, those that use {name} at {ended}"
    return f", or pipelines of {count} credentials stop, those that use {name} at {readable_time(expires_at)}"


def unless_it_passes(which: str, expires_at: datetime | None, at: datetime) -> str:
    """Say what happens to pipelines if a temporary failure goes on, as the end of a sentence."""
    if expires_at is None:
        return f"; pipelines cannot use {which} until that passes"
    if expires_at <= at:
        return f"; pipelines that use {which} have had no access since {readable_time(expires_at)}"
    return f"; pipelines that use {which} stop at {readable_time(expires_at)} unless that passes"


def stopped(entry: RegistryEntry, diagnosis: Diagnosis) -> str:
    """Say what has stopped for one credential."""
    if diagnosis.meaning in _STOPS_NO_RENEWAL:
        return _STOPS_NO_RENEWAL[diagnosis.meaning].format(name=entry.name, provider=entry.issuer.words.provider)
    if works_beside(entry, diagnosis):
        return f"Nothing. {entry.name} is still renewed. Only a new sign-in for it fails."
    if is_about_to_stop(entry, diagnosis):
        return f"{NOTHING_YET} {_at_the_next_refresh(entry)}"
    if entry.expires_at is None and diagnosis.meaning == FIRST_CONSENT:
        return f"Nothing. Pipelines cannot begin to read {entry.issuer.words.product} with the credential {entry.name}."
    return f"The renewal of the credential {entry.name}, with which pipelines read {entry.issuer.words.product}."


def account(entry: RegistryEntry) -> str:
    """Name the advertising account of a credential: people know its name, a support desk its number."""
    if entry.account is None:
        return "the advertising account"
    name, number = entry.account.name, entry.account.account_id
    return f"the advertising account {name} ({number})" if name else f"the advertising account {number}"


def account_summary(entry: RegistryEntry, actor: Actor) -> str:
    """Say in one sentence who has to act so that a credential reaches its account."""
    if actor is not Actor.USER:
        return f"The operator has to act before it is known whether {entry.name} reaches {account(entry)}."
    person = entry.identity.username if entry.identity and entry.identity.username else "the person who signed in last"
    return f"A person with access to {account(entry)} has to sign in for {entry.name}, or {person} needs that access."


def account_stopped(entry: RegistryEntry, actor: Actor) -> str:
    """Say what does not work for pipelines while the account is not reached."""
    refused = "refuses" if actor is Actor.USER else "most likely refuses"
    return (
        f"{entry.name} is renewed as always. But {entry.issuer.words.product} {refused} pipelines that use it for"
        f" {account(entry)}."
    )


def account_until(actor: Actor) -> str:
    """Say until when the pipelines that use the account keep working."""
    refused = "refused" if actor is Actor.USER else "most likely refused"
    return f"Pipelines that use this account are {refused} already. All others are not affected."


def at_stake(entry: RegistryEntry, at: datetime) -> str:
    """Say what stops, or has stopped, if a temporary failure goes on."""
    pipelines = f"Pipelines that read {entry.issuer.words.product} with the credential {entry.name}"
    if entry.expires_at is not None and entry.expires_at <= at:
        return f"{pipelines}: the access has ended and could not be renewed."
    return f"{NOTHING_YET} {pipelines} stop if it is not renewed in time."


def what_fails(entry: RegistryEntry, diagnosis: Diagnosis) -> str:
    """Say which service fails, if a temporary failure has lasted."""
    if diagnosis.concerns is Concern.AWS:
        return "AWS has failed the calls that renew a credential"
    return f"{entry.issuer.words.sign_in_service} has given no access"


def all_failing(entry: RegistryEntry, affected: tuple[str, ...]) -> str:
    """Say what has stopped for all credentials that a lasting failure has stopped."""
    return (
        f"The renewal of credentials with which pipelines read {entry.issuer.words.product}, so far of"
        f" {names(affected)}. The others may follow, one after another."
    )


def _at_the_next_refresh(entry: RegistryEntry) -> str:
    return (
        f"The renewal of the credential {entry.name}, with which pipelines read {entry.issuer.words.product}, stops"
        " with its next refresh unless this is corrected before then."
    )


def all_beside(entry: RegistryEntry, others: tuple[str, ...]) -> str:
    """Say what fails for the credentials of an application if sign-ins are refused and refreshes are not."""
    same = f" It most likely fails for these, too: {names(others)}." if others else ""
    sign_in = f"Only a new sign-in for it, as the application {entry.client_id}, fails."
    return f"Nothing. {entry.name} is still renewed. {sign_in}{same}"


def all_stopping(entry: RegistryEntry, affected: tuple[str, ...], spared: tuple[str, ...]) -> str:
    """Say the same as `all_stopped` if a sign-in was refused first, for a credential that was renewed until now."""
    stopped = tuple(one for one in affected if one != entry.name)
    said = [_at_the_next_refresh(entry), f"It signs in as the application {entry.client_id}."]
    said.insert(0, NOTHING_YET if not stopped else f"The renewal of others has stopped: {names(stopped)}.")
    if spared:
        said.append(f"It will stop for these too, unless they hold another client secret: {names(spared)}.")
    return " ".join(said)


def all_stopped(entry: RegistryEntry, affected: tuple[str, ...], spared: tuple[str, ...]) -> str:
    """Say what has stopped for the credentials of an application, and what will stop."""
    product, application = entry.issuer.words.product, f"the application {entry.client_id}"
    if len(affected) == 1 and not spared:
        return (
            f"The renewal of the credential {affected[0]}, with which pipelines read {product}. It signs in as"
            f" {application}."
        )
    what = f"The renewal of credentials with which pipelines read {product}. They sign in as {application}"
    if not spared:
        return f"{what}: all credentials that are named below."
    return (
        f"{what}. It has stopped for: {names(affected)}. It will stop for these too, unless"
        f" they hold another client secret: {names(spared)}."
    )


def until(entry: RegistryEntry, diagnosis: Diagnosis, at: datetime) -> str:
    """Say until when the pipelines of one credential keep working."""
    ends_at = entry.expires_at
    if diagnosis.meaning == LESS_SCOPE:
        return "Pipelines that need the missing permission are refused already. All others are not affected."
    if works_beside(entry, diagnosis):
        return "As long as it is renewed: they are not affected."
    if ends_at is None:
        return (
            "Not known: the secret cannot be read." if is_malformed(diagnosis) else "They have no access with it yet."
        )
    if ends_at <= at:
        return f"They have had no access since {readable_time(ends_at)}."
    limit = ""
    if is_malformed(diagnosis):
        limit = " That is earlier if they cannot read the secret either."
    elif diagnosis.meaning == TOO_MANY_VERSIONS or not diagnosis.actor.must_act:
        limit = " That is later if the access is renewed before then."
    return f"{moment_from(at, ends_at)}.{limit}"


def moment_from(at: datetime, ends_at: datetime) -> str:
    """Write a future moment, and how long after the message it is, so that nobody has to convert UTC at night."""
    return f"{readable_time(ends_at)}, {span(ends_at - at)} after this was sent"


def is_malformed(diagnosis: Diagnosis) -> bool:
    """Tell whether the secret is no valid credential document; pipelines may not be able to read it either."""
    return diagnosis.meaning == MALFORMED_CREDENTIAL
