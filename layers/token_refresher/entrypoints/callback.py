"""The builder of the callback function, which loads its own rooms and no other."""

from functools import cache

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from token_refresher.aws.consents_table import DynamoDbConsents
from token_refresher.base.clock import system_clock
from token_refresher.base.timeouts import INTERACTIVE
from token_refresher.consent.code_exchange import CodeExchange
from token_refresher.consent.completion import ConsentCompletion
from token_refresher.consent.grant_check import GrantCheck
from token_refresher.consent.service import ConsentService
from token_refresher.entrypoints.alerting import alerting
from token_refresher.entrypoints.clients import ONCE, escrow, settings_of_the_function, store, table
from token_refresher.entrypoints.consumers import publishing
from token_refresher.entrypoints.events import registry_with_events
from token_refresher.entrypoints.people import ads_api, links, messages, shared_alerting
from token_refresher.entrypoints.providers import providers
from token_refresher.entrypoints.startup import collecting_afterwards
from token_refresher.entrypoints.web.pages import Pages
from token_refresher.entrypoints.web.routes import routes
from token_refresher.rotation.rotations import Rotations


@cache
@collecting_afterwards
def callback_routes() -> APIGatewayHttpResolver:
    """Return the routes of the callback function."""
    settings = settings_of_the_function()
    connect_links, secrets = links(settings), store(settings, ONCE)
    people = alerting(settings, messages(settings, connect_links), shared_alerting(settings))
    known = providers(settings, INTERACTIVE, ads_api(settings), system_clock)
    redirect_uri = f"{settings.public_url}/callback"
    completion = ConsentCompletion(
        secrets, registry_with_events(settings), people, publishing(settings), settings.timing, system_clock
    )
    service = ConsentService(
        rotations=Rotations(secrets, escrow(settings, ONCE)),
        consents=DynamoDbConsents(table(settings.consents_table)),
        exchange=CodeExchange(known, GrantCheck(known, system_clock), completion, redirect_uri),
        completion=completion,
        links=connect_links,
        providers=known,
        redirect_uri=redirect_uri,
        clock=system_clock,
    )
    return routes(service, Pages(connect_links), settings.public_url)
