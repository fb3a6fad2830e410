"""``make deploy`` before it deploys: its questions, the file with the answers, and the values that it refuses."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from local.stack.toolchain import ROOT
from tests.fakes.world import TIMING
from tests.grids import sampled
from tests.packaging.cloudformation import template
from token_refresher.base.errors import ConfigurationError
from tools.deploy.answers import Answers, UnreadableAnswersError
from tools.deploy.capacity import QUOTA, WRITES, Capacity
from tools.deploy.parameters import Parameters
from tools.deploy.questions import first_answers
from tools.deploy.terminal import Terminal


class Script(Terminal):
    """A terminal that answers from a list of answers by question, and then with the defaults."""

    def __init__(self, **answers: list[str]) -> None:
        self.asked: list[str] = []
        self.said: list[str] = []
        self._answers = answers

    def say(self, text: str = "") -> None:
        self.said.append(text)

    def ask(self, question: str, default: str) -> str:
        self.asked.append(question)
        answers = self._answers.get(question, [])
        return answers.pop(0) if answers else default


@pytest.fixture
def parameters(tmp_path: Path) -> Parameters:
    built = tmp_path / "template.yaml"
    built.write_text(yaml.safe_dump(template()), "utf-8")
    return Parameters.of(built)


def test_every_parameter_is_in_one_group_and_the_advanced_group_is_the_last(parameters: Parameters) -> None:
    assert Counter(name for group in parameters.groups for name in group.names) == Counter(list(parameters.declared))
    assert [group.label.partition(":")[0] for group in parameters.groups] == [
        "The few that matter",
        "Optional",
        "Optional",
        "Advanced",
    ]


def test_the_first_deployment_asks_only_for_the_few_that_matter(parameters: Parameters) -> None:
    terminal = Script(AlertEmail=["no address", "ops@example.com"])
    answers = first_answers(terminal, parameters, advanced=False)
    assert terminal.asked == ["Region", "Name of the stack", "SecretPrefix", "AlertEmail", "AlertEmail"]
    assert "No: AlertEmail must be empty or an e-mail address." in terminal.said
    assert "DEPLOY_ARGS=--advanced" in terminal.said[-1]
    assert (answers.stack, answers.parameters) == ("token-refresher", {"AlertEmail": "ops@example.com"})


def test_advanced_asks_for_every_parameter_in_its_group(parameters: Parameters) -> None:
    terminal = Script()
    answers = first_answers(terminal, parameters, advanced=True)
    assert terminal.asked[2:] == [name for group in parameters.groups for name in group.names]
    assert answers.parameters == {}


def test_a_group_whose_numbers_do_not_fit_together_is_asked_for_again(parameters: Parameters) -> None:
    terminal = Script(MinimumFreshnessSeconds=["3000", "600"])
    answers = first_answers(terminal, parameters, advanced=True)
    advanced = list(parameters.groups[-1].names)
    assert terminal.asked[-2 * len(advanced) :] == advanced * 2
    assert any(text.startswith("That cannot hold.") and "= 3845 s" in text for text in terminal.said)
    assert answers.parameters == {"MinimumFreshnessSeconds": "600"}


def test_answers_come_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "samconfig.local.toml"
    answers = Answers(
        "my-stack", "eu-central-1", {"RefreshSchedule": "rate(5 minutes)", "AlertEmail": "a+b=c@example.com"}
    )
    answers.write(file)
    assert Answers.read(file) == answers
    assert Answers.read(tmp_path / "none.toml") is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("stack_name = ", id="no TOML"),
        pytest.param("version = 0.1", id="no answers in it"),
        pytest.param("default = 1", id="another type"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "samconfig.local.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(UnreadableAnswersError, match=r"samconfig\.local\.toml cannot be read .* remove it to be asked"):
        Answers.read(file)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        pytest.param("AlertEmail", "", "", id="an address may be missing"),
        pytest.param("AlertEmail", "me", "must be empty or an e-mail address", id="not an address"),
        pytest.param("ReminderHours", "0", "must be a number from 1 to 720", id="a number that is too small"),
        pytest.param("ReminderHours", "a day", "must be a number from 1 to 720", id="not a number"),
        pytest.param("LogLevel", "LOUD", "must be one of DEBUG, INFO", id="not one of the allowed values"),
        pytest.param("LogRetentionDays", "30", "", id="an allowed value that is a number in the template"),
        pytest.param("RefreshSchedule", "rate(1 minutes)", "must be a rate", id="not a rate"),
        pytest.param("Typo", "1", "the template has no parameter Typo", id="not a parameter"),
    ],
)
def test_a_value_is_checked_against_the_template(parameters: Parameters, name: str, value: str, complaint: str) -> None:
    said = parameters.complaint(name, value)
    assert complaint in said
    assert bool(said) is bool(complaint)


@pytest.mark.parametrize("name", sampled(template()["Parameters"], 6))
def test_every_default_is_allowed(parameters: Parameters, name: str) -> None:
    assert not parameters.complaint(name, parameters.default(name))


def test_numbers_that_do_not_fit_together_are_refused_with_the_arithmetic(parameters: Parameters) -> None:
    parameters.check_timing({})
    with pytest.raises(ConfigurationError, match="= 3845 s"):
        parameters.check_timing({"MinimumFreshnessSeconds": "3000"})
    with pytest.raises(ConfigurationError, match="Raise QueueVisibilitySeconds"):
        parameters.check_timing({"RefreshTimeoutSeconds": "90"})
    with pytest.raises(ConfigurationError, match="HeartbeatMinutes"):
        parameters.check_timing({"HeartbeatMinutes": "5"})


def test_more_refreshes_at_once_than_the_quota_allows_are_refused_with_the_arithmetic(parameters: Parameters) -> None:
    with pytest.raises(
        ConfigurationError, match=r"50 writes a second x 0\.48 s .* / 2 writes = 12 at the same time, .* is 13"
    ):
        parameters.check_timing({"RefreshConcurrency": "13"})
    parameters.check_timing({"RefreshConcurrency": "15", "ShortestRefreshMilliseconds": "600"})


def test_a_fleet_that_cannot_be_kept_alive_is_refused_with_the_arithmetic(parameters: Parameters) -> None:
    with pytest.raises(
        ConfigurationError, match=r"12 at the same time / 0\.48 s = 25\.0 .* x 1735 s .* = 43375 credentials"
    ):
        parameters.check_timing({"FleetSize": "43376"})
    parameters.check_timing({"FleetSize": "43375"})


def test_the_numbers_of_the_quota_are_those_of_the_documents(parameters: Parameters) -> None:
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    capacity = Capacity(12, timedelta(milliseconds=480), 10_000)
    assert f"{QUOTA} x 0.48 s / {WRITES} = {capacity.most_at_once}" in page
    assert f"25 x 1735 s     = {capacity.largest_fleet(TIMING):,} credentials" in page


def test_a_parameter_that_is_no_longer_chosen_goes_back_to_its_default(parameters: Parameters) -> None:
    chosen = parameters.all_of({"AlertEmail": "ops@example.com"})
    assert chosen.keys() == parameters.declared.keys()
    assert (chosen["AlertEmail"], chosen["LogLevel"]) == ("ops@example.com", "INFO")
