"""What the checks of ``doctor`` make of an installation: tables of cases whose ids are sentences."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cli.desk import NOW
from tests.packaging.cloudformation import default_environment, template
from token_refresher.base.errors import ConfigurationError
from token_refresher.base.version import __version__
from token_refresher.entrypoints.settings import Settings
from token_refresher_cli.doctor.alerting import Alarm, Subscription, alarm_findings, subscription_findings
from token_refresher_cli.doctor.context import Health
from token_refresher_cli.doctor.finding import Finding, Level, Report, exit_code, ok, problem, unknown, warning, worst
from token_refresher_cli.doctor.leftovers import Pointer, dead_letter_finding, escrow_findings, pointer_findings
from token_refresher_cli.doctor.redirect_uri import redirect_findings
from token_refresher_cli.doctor.rights import RIGHTS, Decision, right_findings
from token_refresher_cli.doctor.schedule import Ticking, ticking_findings
from token_refresher_cli.doctor.stack import Clocks, skew_finding, stack_findings, timing_finding
from token_refresher_cli.shell.exit_code import ExitCode

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
GOOD = Health("https://connect.example.com/health", __version__)


def command(*words: str) -> str:
    return " ".join(["token-refresher", *words])


def seen(findings: Any) -> list[Finding]:
    """Return what is to be done something about."""
    return [finding for finding in findings if finding.level is not Level.OK]


@pytest.mark.parametrize(
    ("status", "health", "level", "words"),
    [
        pytest.param("CREATE_COMPLETE", GOOD, Level.OK, "", id="a new stack is fine"),
        pytest.param("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", GOOD, Level.OK, "", id="cleaning up is fine"),
        pytest.param("UPDATE_IN_PROGRESS", GOOD, Level.WARNING, "is changing the stack", id="a deployment is going on"),
        pytest.param("UPDATE_ROLLBACK_COMPLETE", GOOD, Level.WARNING, "rolled back", id="a deployment was taken back"),
        pytest.param("UPDATE_ROLLBACK_FAILED", GOOD, Level.PROBLEM, "not complete", id="taking it back failed"),
        pytest.param("ROLLBACK_IN_PROGRESS", GOOD, Level.PROBLEM, "not complete", id="the first deployment fails"),
        pytest.param("DELETE_IN_PROGRESS", GOOD, Level.WARNING, "is changing the stack", id="it is being deleted"),
        pytest.param("CREATE_COMPLETE", None, Level.OK, "", id="the page was not to be asked"),
        pytest.param(
            "CREATE_COMPLETE", replace(GOOD, version="0.0.9"), Level.WARNING, "make deploy", id="the stack is older"
        ),
        pytest.param(
            "CREATE_COMPLETE",
            replace(GOOD, version="9.10.0"),
            Level.WARNING,
            "Install version 9.10.0",
            id="the command is older",
        ),
        pytest.param(
            "CREATE_COMPLETE",
            Health(GOOD.url, None, "answers with 502"),
            Level.PROBLEM,
            "answers with 502",
            id="the page is broken",
        ),
    ],
)
def test_stack(status: str, health: Health | None, level: Level, words: str) -> None:
    findings = list(stack_findings("token-refresher", status, health, "docs/operations.md#callback-errors"))
    assert worst(findings) is level
    assert words in " ".join(finding.text + finding.remedy for finding in seen(findings))


TICKING = Ticking(
    "ENABLED", "rate(5 minutes)", "rate(5 minutes)", "dispatch", "dispatch", "Enabled", NOW, NOW - DAY, 15 * MINUTE
)


@pytest.mark.parametrize(
    ("ticking", "level", "words"),
    [
        pytest.param(TICKING, Level.OK, "", id="it ticks"),
        pytest.param(replace(TICKING, schedule_state=None), Level.PROBLEM, "is deleted", id="the schedule is deleted"),
        pytest.param(replace(TICKING, schedule_state="DISABLED"), Level.PROBLEM, "DISABLED", id="the schedule is off"),
        pytest.param(replace(TICKING, target="other"), Level.PROBLEM, "something else", id="it calls something else"),
        pytest.param(
            replace(TICKING, expression="rate(1 hour)"), Level.WARNING, "rate(1 hour)", id="somebody changed the period"
        ),
        pytest.param(
            replace(TICKING, mapping_state=None), Level.PROBLEM, "no request reaches it", id="nothing feeds refresh"
        ),
        pytest.param(
            replace(TICKING, mapping_state="Disabled"), Level.PROBLEM, "Disabled", id="what feeds refresh is off"
        ),
        pytest.param(replace(TICKING, last_tick=NOW - 9 * MINUTE), Level.OK, "", id="a tick is not late yet"),
        pytest.param(replace(TICKING, last_tick=NOW - 11 * MINUTE), Level.WARNING, "late", id="a tick is late"),
        pytest.param(
            replace(TICKING, last_tick=NOW - 16 * MINUTE), Level.PROBLEM, "16 minutes ago", id="dispatch is silent"
        ),
        pytest.param(replace(TICKING, last_tick=None), Level.PROBLEM, "No tick", id="no tick for a day"),
        pytest.param(
            replace(TICKING, last_tick=None, deployed_at=NOW - 2 * MINUTE), Level.OK, "", id="the stack is new"
        ),
        pytest.param(
            replace(
                TICKING,
                expression="rate(1 minute)",
                expected_expression="rate(1 minute)",
                last_tick=NOW - 3 * MINUTE,
            ),
            Level.OK,
            "",
            id="with a tick a minute a late start and a long run are no news",
        ),
    ],
)
def test_schedule(ticking: Ticking, level: Level, words: str) -> None:
    findings = list(ticking_findings(ticking, NOW, "#dispatch-silent", "#queue-age"))
    assert worst(findings) is level
    assert words in " ".join(finding.text for finding in seen(findings))


def test_timing_shows_the_arithmetic_where_it_holds() -> None:
    finding = timing_finding(Settings.from_environment(default_environment()))
    assert finding.level is Level.OK
    assert "1745 s before they expire (900 freshness + 300 schedule + 60 late tick + 300 one failed att" in finding.text
    assert "empt + 60 longest run + 120 jitter + 5 clock skew), of 1800 s allowed" in finding.text


def test_timing_shows_the_arithmetic_where_it_does_not_hold() -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_environment({**default_environment(), "MINIMUM_FRESHNESS_SECONDS": "3000"})
    finding = timing_finding(refused.value)
    assert finding.level is Level.PROBLEM
    assert "= 3845 s" in finding.text


@pytest.mark.parametrize(
    ("there", "level"),
    [
        pytest.param(NOW - timedelta(seconds=5), Level.OK, id="five seconds are nothing"),
        pytest.param(NOW + timedelta(seconds=6), Level.WARNING, id="six seconds are to be seen to"),
        pytest.param(NOW - timedelta(seconds=61), Level.PROBLEM, id="more than a minute misleads"),
        pytest.param(None, Level.UNKNOWN, id="an answer without a date says nothing"),
    ],
)
def test_clock_skew(there: datetime | None, level: Level) -> None:
    assert skew_finding(Clocks(NOW, there)).level is level


@pytest.mark.parametrize("milliseconds", [100, 499, 700, 4400, 5900, 61_300])
def test_clock_skew_is_told_in_the_whole_seconds_that_the_date_of_an_answer_has(milliseconds: int) -> None:
    finding = skew_finding(Clocks(NOW + timedelta(milliseconds=milliseconds), NOW))
    assert re.findall(r"(\S+) s ", finding.text) == [str(round(milliseconds / 1000))]


@pytest.mark.parametrize(
    ("callback", "public", "health", "words"),
    [
        pytest.param("https://a.example.com/callback", "https://a.example.com", GOOD, "", id="https is fine"),
        pytest.param("http://localhost:8080/callback", "http://localhost:8080", GOOD, "", id="http is for localhost"),
        pytest.param(
            "http://a.example.com/callback", "http://a.example.com", GOOD, "no redirect URI", id="http is not"
        ),
        pytest.param("https://a.example.com/callback", "https://b.example.com", GOOD, "serve", id="they do not fit"),
        pytest.param(
            "https://a.example.com/callback",
            "https://a.example.com",
            Health(GOOD.url, None, "does not answer (SSLError)"),
            "Nobody can sign in",
            id="nothing answers",
        ),
    ],
)
def test_redirect_uri(callback: str, public: str, health: Health, words: str) -> None:
    findings = list(redirect_findings(callback, public, health, "#callback-errors"))
    assert worst(findings) is (Level.PROBLEM if words else Level.OK)
    assert words in " ".join(finding.text for finding in seen(findings))
    assert callback in findings[-1].text


MAIL = Subscription("email", "on-call@example.com", confirmed=True)


@pytest.mark.parametrize(
    ("subscriptions", "level", "words"),
    [
        pytest.param([MAIL], Level.OK, "", id="somebody is told"),
        pytest.param([], Level.PROBLEM, "has no subscription", id="nobody is told"),
        pytest.param(
            [replace(MAIL, confirmed=False)], Level.PROBLEM, "Nobody has confirmed", id="nobody has confirmed"
        ),
        pytest.param(
            [MAIL, replace(MAIL, endpoint="new@example.com", confirmed=False)],
            Level.WARNING,
            "new@example.com has not confirmed",
            id="one of two has not confirmed",
        ),
    ],
)
def test_alerts(subscriptions: list[Subscription], level: Level, words: str) -> None:
    findings = list(subscription_findings(subscriptions, "arn:aws:sns:us-east-1:123456789012:alerts"))
    assert worst(findings) is level
    assert words in " ".join(finding.text for finding in seen(findings))


def test_alerts_notes_who_gets_some_only() -> None:
    [finding] = subscription_findings([replace(MAIL, filtered=True)], "arn")
    assert "on-call@example.com (some alerts only)" in finding.text


@pytest.mark.parametrize(
    ("alarm", "level", "remedy"),
    [
        pytest.param(Alarm("QueueAgeAlarm", "stack-QueueAgeAlarm-1", "OK"), Level.OK, "", id="green"),
        pytest.param(
            Alarm("QueueAgeAlarm", "stack-QueueAgeAlarm-1", "INSUFFICIENT_DATA"), Level.OK, "", id="no data yet"
        ),
        pytest.param(
            Alarm("QueueAgeAlarm", "stack-QueueAgeAlarm-1", "ALARM"),
            Level.PROBLEM,
            "runbook#queue-age",
            id="red leads into the runbook",
        ),
        pytest.param(
            Alarm("QueueAgeAlarm", "stack-QueueAgeAlarm-1", None),
            Level.PROBLEM,
            "#the-stack-was-changed-by-hand",
            id="gone",
        ),
        pytest.param(
            Alarm("QueueAgeAlarm", "stack-QueueAgeAlarm-1", "OK", actions_enabled=False),
            Level.WARNING,
            "enable-alarm-actions --alarm-names stack-QueueAgeAlarm-1",
            id="mute",
        ),
    ],
)
def test_alarms(alarm: Alarm, level: Level, remedy: str) -> None:
    findings = list(alarm_findings([alarm], "runbook"))
    assert worst(findings) is level
    assert remedy in " ".join(finding.remedy for finding in seen(findings))


def test_dead_letter_and_escrow() -> None:
    assert dead_letter_finding(0, "").level is Level.OK
    assert dead_letter_finding(2, "#dead-letter") == warning(
        "2 requests were moved to the dead-letter queue after five failures.", "#dead-letter"
    )
    waiting = {"new": NOW - 9 * MINUTE, "old": NOW - 11 * MINUTE}
    [found] = seen(escrow_findings(waiting, NOW, 5 * MINUTE, "#tokens-wait-in-escrow"))
    assert (found.level, found.credential) == (Level.PROBLEM, "old")


def test_only_a_pointer_whose_time_is_over_is_to_be_removed() -> None:
    pointers = [
        Pointer("kept", "new", NOW + DAY, "remove kept"),
        Pointer("over", "new", NOW - DAY, "remove over"),
        Pointer("unreadable", "new", None, "remove unreadable"),
    ]
    assert [finding.remedy for finding in seen(pointer_findings(pointers, NOW))] == ["remove over", "remove unreadable"]


def test_rights_that_are_missing_or_too_many() -> None:
    needed, forbidden = RIGHTS[0], RIGHTS[-1]
    fine = [Decision(needed, "a:B", allowed=True), Decision(forbidden, "c:D", allowed=False)]
    assert not seen(right_findings({}, fine))
    wrong = [Decision(needed, "a:B", allowed=False), Decision(forbidden, "c:D", allowed=True)]
    texts = [finding.text for finding in seen(right_findings({"RefreshRole": "arn:other"}, wrong))]
    assert [next(word for word in ("uses the role", "may not do", "must not") if word in text) for text in texts] == [
        "uses the role",
        "may not do",
        "must not",
    ]


@pytest.mark.parametrize("role", ["DispatchRole", "RefreshRole", "CallbackRole"])
def test_rights_are_those_of_the_template(role: str) -> None:
    [policy] = template()["Resources"][role]["Properties"]["Policies"]
    given: set[str] = set()
    for statement in policy["PolicyDocument"]["Statement"]:
        found = statement["Fn::If"][1] if "Fn::If" in statement else statement
        given |= {found["Action"]} if isinstance(found["Action"], str) else set(found["Action"])
    asked = {action for right in RIGHTS if right.role == role and right.allowed for action in right.actions}
    assert asked <= {action.removesuffix("*") for action in given}
    unasked = {action.removesuffix("*") for action in given if not action.startswith("kms:")} - asked
    assert not unasked


def test_a_report_shows_what_is_good_only_where_all_is() -> None:
    fine, bad, dim = ok("All is well."), problem("It is broken.", "Mend it."), unknown("Who knows.", "Ask.")
    assert Report.of("x", [fine]).findings == (fine,)
    assert Report.of("x", [fine, dim, bad]).findings == (bad, dim)


@pytest.mark.parametrize(
    ("levels", "code"),
    [
        pytest.param([Level.OK, Level.OK], ExitCode.DONE, id="nothing found"),
        pytest.param([Level.OK, Level.UNKNOWN], ExitCode.WARNINGS, id="what could not be checked is no good news"),
        pytest.param([Level.WARNING, Level.UNKNOWN], ExitCode.WARNINGS, id="a warning"),
        pytest.param([Level.PROBLEM, Level.WARNING], ExitCode.PROBLEMS, id="a problem outranks a warning"),
    ],
)
def test_the_exit_code_is_that_of_the_worst(levels: list[Level], code: ExitCode) -> None:
    assert exit_code([Report.of("x", [Finding(level, "")]) for level in levels]) is code
