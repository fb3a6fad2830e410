"""``make deploy`` before it deploys: the file of the answers, and what is refused."""

from pathlib import Path

import pytest
import yaml

from local.answers import Answers, UnreadableAnswersError
from local.parameters import Parameters
from tests.packaging.cloudformation import template
from token_refresher.errors import ConfigurationError


@pytest.fixture
def parameters(tmp_path: Path) -> Parameters:
    built = tmp_path / "template.yaml"
    built.write_text(yaml.safe_dump(template()), "utf-8")
    return Parameters.of(built)


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
        pytest.param("default = 1", id="something else"),
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
        pytest.param("AlertEmail", "me", "must be empty or an e-mail address", id="no address"),
        pytest.param("ReminderHours", "0", "must be a number from 1 to 720", id="a number that is too small"),
        pytest.param("ReminderHours", "a day", "must be a number from 1 to 720", id="no number"),
        pytest.param("LogLevel", "LOUD", "must be one of DEBUG, INFO", id="none of the values"),
        pytest.param("LogRetentionDays", "30", "", id="one of the values, as a number"),
        pytest.param("RefreshSchedule", "rate(1 minutes)", "must be a rate", id="no rate"),
        pytest.param("Typo", "1", "the template has no parameter Typo", id="no parameter"),
    ],
)
def test_a_value_is_held_against_the_template(parameters: Parameters, name: str, value: str, complaint: str) -> None:
    said = parameters.complaint(name, value)
    assert complaint in said
    assert bool(said) is bool(complaint)


@pytest.mark.parametrize("name", template()["Parameters"])
def test_every_default_is_allowed(parameters: Parameters, name: str) -> None:
    assert not parameters.complaint(name, parameters.default(name))


def test_numbers_that_do_not_fit_together_are_refused_with_the_arithmetic(parameters: Parameters) -> None:
    parameters.check_timing({})
    with pytest.raises(ConfigurationError, match="= 3485 s"):
        parameters.check_timing({"MinimumFreshnessSeconds": "3000"})
    with pytest.raises(ConfigurationError, match="HeartbeatMinutes"):
        parameters.check_timing({"HeartbeatMinutes": "5"})


def test_a_parameter_that_is_no_longer_chosen_goes_back_to_its_default(parameters: Parameters) -> None:
    chosen = parameters.all_of({"AlertEmail": "ops@example.com"})
    assert chosen.keys() == parameters.declared.keys()
    assert (chosen["AlertEmail"], chosen["LogLevel"]) == ("ops@example.com", "INFO")
