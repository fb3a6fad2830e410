"""What the checks of ``doctor`` make of credentials: tables of cases whose ids are sentences."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.cli.desk import CLIENT_ID, NOW
from tests.fakes.failures import refused
from tests.fakes.keys import certificate, rsa_key
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.errors import MalformedCredentialError, ServiceUnavailableError
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import FIRST_CONSENT, Actor, Diagnosis, diagnose
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.secret_store import NAMELESS, SecretState
from token_refresher_cli.doctor.documents import (
    client_secret_findings,
    duplicate_findings,
    secret_findings,
)
from token_refresher_cli.doctor.finding import Finding, Level, worst
from token_refresher_cli.doctor.loaded import LoadedCredential
from token_refresher_cli.doctor.people import Known, people_findings
from token_refresher_cli.doctor.refresh_tokens import refresh_token_findings
from token_refresher_cli.doctor.unread import Search, read_findings, search
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.secret import Secret

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def command(*words: str) -> str:
    return " ".join(["token-refresher", *words])


def page(anchor: str) -> str:
    return f"#{anchor}"


def seen(findings: Any) -> list[Finding]:
    """Return what is to be done something about."""
    return [finding for finding in findings if finding.level is not Level.OK]


def row(name: str, current: CurrentDocument, pending: str | None = None) -> LoadedCredential:
    return LoadedCredential.of(SecretState(name, f"arn:of:{name}", "v1", pending), current)


def held(name: str, *, pending: str | None = None, **members: Any) -> LoadedCredential:
    document = {"client_id": CLIENT_ID, "client_secret": "planted-client-secret", **members}
    return row(name, CurrentDocument.of("v1", json.dumps(document)), pending)


def test_a_pending_version_of_somebody_else_is_named_and_nothing_is_broken_by_it() -> None:
    version_id = "00000000-0000-4000-8000-000000000009"
    (finding,) = seen(secret_findings([held("good", pending=version_id)], command, page))
    assert (finding.level, finding.credential) == (Level.WARNING, "good")
    assert f"did not write under AWSPENDING ({version_id})" in finding.text
    assert finding.remedy == "#a-pending-version-of-somebody-else"


def test_secrets_that_are_malformed_or_refused() -> None:
    malformed = MalformedCredentialError("tenant", "is empty; give it a value, or remove the key")
    broken = row("broken", CurrentDocument(problem=malformed))
    refusal = CurrentDocument.unread(ServiceUnavailableError("secretsmanager.GetSecretValue", "AccessDeniedException"))
    refused = [row(name, refusal) for name in ("a", "b")]
    findings = seen(secret_findings([held("good"), broken, *refused], command, page))
    assert [(finding.level, finding.credential) for finding in findings] == [
        (Level.PROBLEM, "broken"),
        (Level.UNKNOWN, ""),
    ]
    assert "tenant is empty" in findings[0].text
    assert findings[0].remedy == "token-refresher set broken KEY=VALUE"
    assert findings[1].text.startswith("a, b could not be read.")
    assert "secretsmanager:GetSecretValue" in findings[1].remedy


def test_where_no_key_can_be_set_the_runbook_is_named() -> None:
    torn = row("torn", CurrentDocument(problem=MalformedCredentialError(None, "the secret is not JSON")))
    [finding] = seen(secret_findings([torn], command, page))
    assert finding.remedy == "#a-secret-that-is-no-json"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        pytest.param("a/../b", "token-refresher rename a/../b NEW_NAME", id="a link that no browser opens"),
        pytest.param("", "#a-name-that-cannot-work", id="no name, which no command takes"),
        pytest.param(NAMELESS, "#a-name-that-cannot-work", id="no name, as the store calls it"),
    ],
)
def test_a_name_that_cannot_work_is_a_problem(name: str, remedy: str) -> None:
    [finding] = seen(secret_findings([held("good"), held(name)], command, page))
    assert (finding.level, finding.remedy) == (Level.PROBLEM, remedy)
    assert "cannot work" in finding.text


@pytest.mark.parametrize(
    ("one", "other", "levels"),
    [
        pytest.param({"account_id": "1"}, {"account_id": "2"}, [], id="two accounts of one app are two credentials"),
        pytest.param({}, {}, [], id="without an account nobody can say"),
        pytest.param({"account_id": "1"}, {"account_id": "1"}, [Level.WARNING], id="one app and one account"),
        pytest.param(
            {"refresh_token": "planted-1"}, {"refresh_token": "planted-2"}, [], id="each has a refresh token of its own"
        ),
        pytest.param(
            {"refresh_token": "planted-1", "account_id": "1"},
            {"refresh_token": "planted-1", "account_id": "1"},
            [Level.PROBLEM],
            id="one refresh token is told once, and as a problem",
        ),
    ],
)
def test_duplicates(one: dict[str, str], other: dict[str, str], levels: list[Level]) -> None:
    findings = seen(duplicate_findings([held("one", **one), held("other", **other)], command))
    assert [finding.level for finding in findings] == levels
    assert all("one and other" in finding.text for finding in findings)
    assert "planted" not in str(findings)


@pytest.mark.parametrize(
    ("left", "level"),
    [
        pytest.param(31 * DAY, Level.OK, id="a month is enough"),
        pytest.param(30 * DAY, Level.WARNING, id="thirty days are to be seen to"),
        pytest.param(0 * DAY, Level.PROBLEM, id="it has ended"),
    ],
)
def test_client_secrets(left: timedelta, level: Level) -> None:
    one = held("one", client_secret_expires_at=to_rfc3339(NOW + left))
    findings = list(client_secret_findings([one], NOW, command))
    assert worst(findings) is level
    assert all(finding.remedy == "token-refresher rotate-client-secret one" for finding in seen(findings))


@pytest.mark.parametrize(
    ("left", "level"),
    [
        pytest.param(31 * DAY, Level.OK, id="there is more than a month"),
        pytest.param(29 * DAY, Level.WARNING, id="it expires soon"),
        pytest.param(-DAY, Level.PROBLEM, id="it has expired"),
    ],
)
def test_certificates(left: timedelta, level: Level) -> None:
    one = held("one", certificate=certificate(rsa_key(), NOW + left))
    findings = list(client_secret_findings([one], NOW, command))
    assert worst(findings) is level
    assert all("token-refresher rotate-private-key one" in finding.remedy for finding in seen(findings))


def test_a_rotation_that_was_not_finished_is_to_be_seen_to() -> None:
    one = held("one", previous_client_secret="planted-previous-client-secret")
    [finding] = seen(client_secret_findings([one], NOW, command))
    assert (finding.level, finding.remedy) == (Level.WARNING, "token-refresher rotate-client-secret one")
    assert "rotation was not finished" in finding.text


def test_client_secrets_whose_end_nobody_wrote_down_are_counted() -> None:
    [finding] = client_secret_findings([held("one")], NOW, command)
    assert "Of 1 the expiry is not known" in finding.text


@pytest.mark.parametrize(
    ("age", "paused", "level", "remedy"),
    [
        pytest.param(30 * DAY, False, Level.OK, "", id="a month is nothing"),
        pytest.param(31 * DAY, False, Level.WARNING, "refresh one", id="it was not replaced"),
        pytest.param(81 * DAY, False, Level.PROBLEM, "refresh one", id="it is about to end"),
        pytest.param(31 * DAY, True, Level.WARNING, "resume one", id="it is paused for long"),
        pytest.param(81 * DAY, True, Level.PROBLEM, "resume one", id="it is paused for too long"),
    ],
)
def test_refresh_tokens(age: timedelta, paused: bool, level: Level, remedy: str) -> None:
    one = held("one", refresh_token="planted-1", refresh_token_issued_at=to_rfc3339(NOW - age))
    findings = list(refresh_token_findings([one], {"one"} if paused else set(), NOW, command))
    assert worst(findings) is level
    assert remedy in " ".join(finding.remedy for finding in seen(findings))


@pytest.mark.parametrize(
    ("left", "level"),
    [
        pytest.param(31 * DAY, Level.OK, id="there is more than a month"),
        pytest.param(30 * DAY, Level.WARNING, id="a person has a month to sign in"),
        pytest.param(timedelta(0), Level.PROBLEM, id="it has ended"),
    ],
)
def test_refresh_tokens_that_end_whatever_one_does(left: timedelta, level: Level) -> None:
    issued_at = to_rfc3339(NOW - 300 * DAY)
    linkedin = {"provider": "linkedin", "scope": "r_ads", "refreshed_at": to_rfc3339(NOW)}
    one = held("one", refresh_token="planted-1", refresh_token_issued_at=issued_at, **linkedin,
        refresh_token_expires_at=to_rfc3339(NOW + left))  # fmt: skip
    findings = list(refresh_token_findings([one], set(), NOW, command))
    assert worst(findings) is level
    assert all("token-refresher link one" in finding.remedy for finding in seen(findings))


@pytest.mark.parametrize(
    ("provider", "used", "paused", "level"),
    [
        pytest.param("google", 0 * DAY, False, Level.OK, id="Google never replaces one, and nothing is wrong"),
        pytest.param("google", 61 * DAY, True, Level.WARNING, id="a third of Google's half year without a use"),
        pytest.param("google", 161 * DAY, True, Level.PROBLEM, id="it is about to idle out"),
        pytest.param("xero", 21 * DAY, False, Level.WARNING, id="Xero's should be replaced, and lives for 60 days"),
        pytest.param("snapchat", 300 * DAY, True, Level.OK, id="Snapchat's never ends"),
    ],
)
def test_refresh_tokens_idle_out_as_those_of_their_provider_do(
    provider: str, used: timedelta, paused: bool, level: Level
) -> None:
    times = {"refresh_token_issued_at": to_rfc3339(NOW - 300 * DAY), "refreshed_at": to_rfc3339(NOW - used)}
    if provider == "xero":
        times["refresh_token_issued_at"] = times["refreshed_at"]
    one = held("one", provider=provider, scope="read", refresh_token="planted-1", **times)
    findings = list(refresh_token_findings([one], {"one"} if paused else set(), NOW, command))
    assert worst(findings) is level


CONSENT = Diagnosis(
    FIRST_CONSENT,
    Actor.USER,
    certain=True,
    cause="Nobody has signed in.",
    action="Open the link.",
    meaning=FIRST_CONSENT,
)
REVOKED = Diagnosis("50173", Actor.USER, certain=True, cause="The password changed.", action="Open the link.")
SECRET = Diagnosis("7000222", Actor.OPERATOR, certain=True, cause="The secret ended.", action="Make a new one.")
OUTAGE = Diagnosis("503", Actor.NOBODY, certain=True, cause="Microsoft is down.", action="Wait.")
ENTRY = replace(RegistryEntry.discovered("one", "v1", NOW), status=Status.HEALTHY, expires_at=NOW + DAY)


@pytest.mark.parametrize(
    ("entry", "level", "remedy"),
    [
        pytest.param(ENTRY, Level.OK, "", id="a healthy one needs nobody"),
        pytest.param(
            replace(ENTRY, status=Status.AWAITING_CONSENT, expires_at=None, diagnosis=CONSENT),
            Level.WARNING,
            "token-refresher link one",
            id="a new one waits for its first sign-in",
        ),
        pytest.param(
            replace(ENTRY, status=Status.NEEDS_CONSENT, diagnosis=REVOKED),
            Level.WARNING,
            "token-refresher link one",
            id="somebody has to sign in while the token lives",
        ),
        pytest.param(
            replace(ENTRY, status=Status.NEEDS_CONSENT, diagnosis=REVOKED, expires_at=NOW),
            Level.PROBLEM,
            "token-refresher link one",
            id="the token has ended",
        ),
        pytest.param(
            replace(ENTRY, status=Status.NEEDS_OPERATOR, diagnosis=SECRET),
            Level.WARNING,
            "Make a new one. token-refresher show one",
            id="the operator has to act",
        ),
        pytest.param(
            replace(ENTRY, status=Status.NEEDS_OPERATOR, diagnosis=diagnose(refused(7000222, "invalid_client"))),
            Level.WARNING,
            "With: token-refresher rotate-client-secret one",
            id="another client secret ends it",
        ),
        pytest.param(
            replace(ENTRY, status=Status.RETRYING, diagnosis=OUTAGE), Level.OK, "", id="what passes needs nobody"
        ),
        pytest.param(
            replace(ENTRY, status=Status.RETRYING, diagnosis=OUTAGE, expires_at=NOW - MINUTE),
            Level.PROBLEM,
            "token-refresher show one",
            id="what did not pass in time",
        ),
        pytest.param(
            replace(ENTRY, diagnosis=SECRET), Level.WARNING, "Make a new one.", id="wrong beside its refreshes"
        ),
        pytest.param(
            replace(ENTRY, status=Status.PAUSED, expires_at=NOW - DAY), Level.OK, "", id="a paused one is let end"
        ),
    ],
)
def test_people(entry: RegistryEntry, level: Level, remedy: str) -> None:
    findings = list(people_findings([Known("one", NOW - DAY, entry)], NOW, 5 * MINUTE, command, "#dispatch-silent"))
    assert worst(findings) is level
    assert remedy in " ".join(finding.remedy for finding in seen(findings))


def test_people_knows_a_new_secret_from_one_that_no_tick_sees() -> None:
    known = [Known("new", NOW - MINUTE, None), Known("old", NOW - DAY, None)]
    [finding] = seen(people_findings(known, NOW, 5 * MINUTE, command, "#dispatch-silent"))
    assert (finding.level, finding.credential) == (Level.PROBLEM, "old")


ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-refresher/one-AbCdEf"
CONSUMED = [Secret("one", ARN, {}, {}, "", "", NOW - 90 * DAY, None, None, ())]


def event(secret_id: str, *, role: str = "", agent: str = "Boto3/1.40", age: timedelta = MINUTE) -> dict[str, Any]:
    """Return an event as CloudTrail has it.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieve-ct-entries.html
    """
    identity: dict[str, Any] = {"type": "IAMUser", "userName": "pipeline"}
    if role:
        identity = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"type": "Role", "userName": role}}}
    detail = {
        "userIdentity": identity,
        "eventTime": to_rfc3339(NOW - age),
        "eventName": "GetSecretValue",
        "userAgent": agent,
        "requestParameters": {"secretId": secret_id},
    }
    return {"EventTime": NOW - age, "CloudTrailEvent": json.dumps(detail)}


@pytest.mark.parametrize(
    ("events", "is_read"),
    [
        pytest.param([event("token-refresher/one")], True, id="by its name"),
        pytest.param([event(ARN)], True, id="by its ARN"),
        pytest.param([event(ARN[:-7])], True, id="by its ARN without the end"),
        pytest.param([event("token-refresher/one", role="etl")], True, id="by a role of somebody else"),
        pytest.param([event("token-refresher/one", role="ours")], False, id="by a function of the stack"),
        pytest.param(
            [event("token-refresher/one", agent="Boto3/1.40 token-refresher/0.1.0")], False, id="by this command"
        ),
        pytest.param([event("token-refresher/one-more")], False, id="another one whose name begins alike"),
        pytest.param([{"EventTime": NOW, "CloudTrailEvent": "{}"}], False, id="an event that says nothing"),
    ],
)
def test_unread_knows_who_reads_what(events: list[dict[str, Any]], is_read: bool) -> None:
    assert search(CONSUMED, [events], ["ours"], limit=5).unread == (() if is_read else ("one",))


def test_unread_stops_as_soon_as_all_were_seen_read_and_at_its_limit() -> None:
    def pages() -> Any:
        yield [event("token-refresher/other")]
        yield [event("token-refresher/one")]
        pytest.fail("it went on")

    assert search(CONSUMED, pages(), [], limit=9) == Search((), NOW - MINUTE, whole=True)
    assert search(CONSUMED, pages(), [], limit=1) == Search(("one",), NOW - MINUTE, whole=False)


@pytest.mark.parametrize(
    ("searched", "level", "words"),
    [
        pytest.param(Search((), NOW, whole=True), Level.OK, "was read", id="all were read"),
        pytest.param(Search(("one",), NOW, whole=True), Level.WARNING, "Only the stack has read", id="one was not"),
        pytest.param(
            Search(("one",), NOW - DAY, whole=False), Level.OK, "2026-11-21 09:00 UTC", id="as far as it looked"
        ),
        pytest.param(Search(("one",), None, whole=True), Level.UNKNOWN, "no read at all", id="without events"),
    ],
)
def test_unread(searched: Search, level: Level, words: str) -> None:
    findings = list(read_findings(searched, {"one": "token-refresher remove one"}))
    assert worst(findings) is level
    assert words in " ".join(finding.text for finding in findings)
