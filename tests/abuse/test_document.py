"""The OpenAPI document describes exactly the routes, and the routes conform to it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from tests.abuse.document import document, operations, schema, validate
from tests.abuse.gateway import Gateway
from tests.abuse.hostile import bounded
from tests.abuse.visitor import visitor
from tests.fakes.world import NAME, World
from tests.packaging.cloudformation import template
from token_refresher.consent.result import ConsentOutcome
from token_refresher.entrypoints.metrics import Metric
from token_refresher.entrypoints.web.pages import Pages, security_headers
from token_refresher.entrypoints.web.routes import routes

OPERATIONS = operations()
RESPONSES: dict[str, dict[str, Any]] = {name: operation["responses"] for name, operation in OPERATIONS.items()}
SCHEMA = schema()
CALLBACK, LANDING, START = "GET /callback", "GET /connect/{name}", "POST /connect/{name}"
OF_AN_INVITE = {
    ConsentOutcome.INVALID_INVITE,
    ConsentOutcome.EXPIRED_INVITE,
    ConsentOutcome.WITHDRAWN_INVITE,
    ConsentOutcome.ALREADY_DONE,
    ConsentOutcome.OPERATOR_NEEDED,
}
"""The endings of opening a link or pressing its button."""

BY_THE_GATEWAY = {"429"}
INVITE = World.waiting().invite()
MODES = st.sampled_from(list(GenerationMode))


def test_the_document_is_valid_openapi() -> None:
    SCHEMA.validate()


def test_the_operations_are_the_routes_of_the_template() -> None:
    resources = template()["Resources"].values()
    keys = {one["Properties"]["RouteKey"] for one in resources if one["Type"] == "AWS::ApiGatewayV2::Route"}
    assert {key.replace("{name+}", "{name}") for key in keys} == OPERATIONS.keys()


def test_the_operations_are_the_routes_of_the_code() -> None:
    world = World.waiting()
    app = routes(world.consent, Pages(world.links), "https://connect.example.com")
    paths = [f"{route.method} {route.path}" for route in app._static_routes + app._dynamic_routes]
    assert sorted(path.replace("/.+", "/{name}") for path in paths) == sorted(OPERATIONS)


def test_a_status_is_documented_exactly_when_a_page_or_an_ending_has_it() -> None:
    documented = {status for responses in RESPONSES.values() for status in responses} - BY_THE_GATEWAY
    assert documented == {"200", "303", "404", "500", *(str(ending.http_status) for ending in ConsentOutcome)}


@pytest.mark.parametrize("ending", ConsentOutcome)
def test_the_callback_documents_the_status_of_every_ending(ending: ConsentOutcome) -> None:
    assert str(ending.http_status) in RESPONSES[CALLBACK]


@pytest.mark.parametrize("operation", [LANDING, START])
@pytest.mark.parametrize("ending", sorted(OF_AN_INVITE))
def test_a_link_documents_the_status_of_every_ending_of_an_invite(operation: str, ending: ConsentOutcome) -> None:
    assert str(ending.http_status) in RESPONSES[operation]


@pytest.mark.parametrize("operation", [CALLBACK, LANDING, START])
def test_a_page_documents_its_headers(operation: str) -> None:
    for status, response in RESPONSES[operation].items():
        if status not in BY_THE_GATEWAY:
            assert response["headers"].keys() >= security_headers().keys(), status


def test_a_parameter_of_the_stack_that_the_document_names_is_there() -> None:
    named = {"ConnectRateLimit", "AuthorityUrl", "PublicUrl"}
    text = str(document())
    assert all(name in text for name in named)
    assert named <= template()["Parameters"].keys()
    assert "ConnectBaseUrl" in template()["Outputs"]
    assert not [metric for metric in Metric if f"`{metric}`" in text], "metrics are for operators"


@bounded
@given(data=st.data())
@pytest.mark.parametrize("operation", OPERATIONS)
def test_whatever_the_document_allows_or_forbids_is_answered_as_it_says(operation: str, data: st.DataObject) -> None:
    case: Case[Any] = data.draw(SCHEMA.find_operation_by_label(operation).as_strategy(data.draw(MODES)))
    validate(case, case.call(app=Gateway(World.waiting())))


@bounded
@given(data=st.data())
@pytest.mark.parametrize("operation", [LANDING, START])
def test_a_link_that_works_is_answered_as_the_document_says(operation: str, data: st.DataObject) -> None:
    case: Case[Any] = data.draw(SCHEMA.find_operation_by_label(operation).as_strategy(path_parameters={"name": NAME}))
    case.headers.pop("Sec-Fetch-Site", None)
    if operation == LANDING:
        case.query = {**case.query, "invite": INVITE}
    else:
        body = case.body if isinstance(case.body, dict) else {}
        case.body, case.media_type = {**body, "invite": INVITE}, "application/x-www-form-urlencoded"
    response = case.call(app=Gateway(World.waiting()))
    validate(case, response)
    assert response.status_code == (200 if operation == LANDING else 303)


@bounded
@given(data=st.data(), error=st.sampled_from([None, "access_denied", "server_error", "invalid_client", "planted"]))
def test_a_sign_in_under_way_is_answered_as_the_document_says(data: st.DataObject, error: str | None) -> None:
    guest = visitor()
    state, code = guest.gateway.world.authority.sign_in(guest.start().location)
    case: Case[Any] = data.draw(SCHEMA.find_operation_by_label(CALLBACK).as_strategy())
    sent = {"state": state, "code": code} | ({"error": error} if error else {})
    case.query = {name: value for name, value in case.query.items() if name == "error_description"} | sent
    response = case.call(app=guest.gateway, cookies=guest.cookies)
    validate(case, response, may_be_down=error == "server_error")
    assert response.status_code == {None: 200, "server_error": 503, "invalid_client": 409}.get(error, 400)
