"""The names in the documents exist in the template, the code, the Makefile or Microsoft's lists."""

import json
import re

import pytest

from local.stack.toolchain import ROOT
from token_refresher.credential.fields import FIELDS, OPERATOR_KEYS
from token_refresher.diagnosis.catalogue import aadsts_codes, ads_codes
from token_refresher.entrypoints.metrics import NAMESPACE, Metric
from token_refresher.registry.open_alert import Event
from tools.docs.documents import DOCUMENTS, WRITTEN
from tools.docs.reference import TEMPLATE, alarms, routes, targets, variables
from tools.docs.secret_words import tags

KNOWN = {*TEMPLATE["Parameters"], *TEMPLATE["Outputs"], *TEMPLATE["Resources"], *Metric, NAMESPACE}
OF_OTHERS = {
    *(
        "AWSLambdaVPCAccessExecutionRole",
        "ApiGatewayDomainName",
        "VpcConfig",
        "HttpOnly",
        "SecureString",
        "PassThrough",
    ),
    *("NumberOfNotificationsFailed", "KMSAccessDenied", "NotFound", "AuthorizationError"),
}
"""Names of AWS and of the web."""
REFERENCE = DOCUMENTS["docs/reference.md"].text
GUIDES = ["docs/credentials.md", "docs/deploy.md", "docs/operations.md", "docs/reference.md", "README.md"]
"""The documents about a deployment; the others name classes and calls as well."""


@pytest.mark.parametrize("name", GUIDES)
def test_a_parameter_an_output_a_resource_or_a_metric_that_a_guide_names_exists(name: str) -> None:
    named = {span for span in DOCUMENTS[name].spans if re.fullmatch(r"(?:[A-Z][a-z]+){2,}|[A-Z][a-z]+[A-Z]\w+", span)}
    assert named - OF_OTHERS <= KNOWN


@pytest.mark.parametrize("name", WRITTEN)
def test_a_route_that_a_document_names_exists(name: str) -> None:
    named = {span for span in DOCUMENTS[name].spans if re.fullmatch(r"(?:GET|POST|PUT|DELETE) /\S*", span)}
    assert {re.sub(r"\?.*", "", route) for route in named} <= routes().keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_make_target_that_a_document_names_exists(name: str) -> None:
    document = DOCUMENTS[name]
    lines = [*document.spans, *document.shell.splitlines()]
    named = {found[1] for line in lines if (found := re.match(r"make (?:[A-Z]+=\S+ )*([a-z][a-z-]*)", line))}
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert named <= made


@pytest.mark.parametrize("name", WRITTEN)
def test_an_environment_variable_of_the_command_that_a_document_names_exists(name: str) -> None:
    assert set(re.findall(r"\bTOKEN_REFRESHER_[A-Z_]+", DOCUMENTS[name].text)) <= variables().keys()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_code_that_a_document_explains_is_in_the_catalogue(name: str) -> None:
    """So the table beside a step agrees with the alert."""
    text = DOCUMENTS[name].text
    assert set(map(int, re.findall(r"\bAADSTS([0-9]+)", text))) <= aadsts_codes().keys()
    assert set(map(int, re.findall(r"\b[Cc]ode ([0-9]{3,4})\b", text))) <= ads_codes().keys()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_json_example_is_valid_and_has_only_known_keys_of_a_secret(name: str) -> None:
    for block in DOCUMENTS[name].blocks("json"):
        document = json.loads(block)
        if "client_id" in document:
            assert document.keys() <= FIELDS.keys()


@pytest.mark.parametrize("name", WRITTEN)
def test_an_example_in_python_compiles(name: str) -> None:
    for number, block in enumerate(DOCUMENTS[name].blocks("python")):
        compile(block, f"{name} {number}", "exec")


def test_the_reference_names_everything() -> None:
    names = [*TEMPLATE["Parameters"], *TEMPLATE["Outputs"], *routes(), *FIELDS, *tags(), *Event, *alarms(), *Metric]
    assert [
        name for name in [*names, *(f"make {target}" for target in targets())] if f"`{name}`" not in REFERENCE
    ] == []


def test_the_guide_to_a_credential_names_every_key_that_an_operator_needs() -> None:
    """The runbook has the keys that belong to a running credential."""
    guide, runbook = DOCUMENTS["docs/credentials.md"].text, DOCUMENTS["docs/operations.md"].text
    theirs = list(OPERATOR_KEYS)
    assert [key for key in theirs if key not in guide and key not in runbook] == []


def test_the_readme_is_short_and_leads_to_the_first_credential() -> None:
    readme = DOCUMENTS["README.md"].text
    assert len(readme.splitlines()) < 150
    assert "token-refresher add" in readme
    assert "(docs/credentials.md)" in readme


def test_the_readme_opens_with_what_it_is_and_for_whom_in_three_lines() -> None:
    opening = DOCUMENTS["README.md"].text.split("\n\n")[1].splitlines()
    assert len(opening) == 3
    assert "AWS Secrets Manager" in opening[0]
    assert opening[1].startswith("It is for ")
