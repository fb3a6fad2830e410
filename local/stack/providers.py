"""Providers of the catalogue at this machine: their entries in the Parameter Store of the local AWS."""

from collections.abc import Iterable
from typing import Final

from local.identity_provider.catalogue import LOCAL, at_this_machine
from local.stack.stack import LocalStack
from token_refresher.providers.catalogue.builtin import builtin

HARMLESS: Final = "read"
"""A scope for entries without a default: the identity provider grants any."""


def put_entry(stack: LocalStack, name: str, text: str) -> str:
    """Put an entry where a team puts one of its own; return the name of the parameter."""
    parameter = f"{stack.parameters['ProvidersPath']}/{name}"
    stack.aws.client("ssm").put_parameter(Name=parameter, Type="String", Value=text, Overwrite=True)
    return parameter


def put_providers(stack: LocalStack, names: Iterable[str]) -> None:
    """Put entries of the catalogue with the addresses of the identity provider, as ``local-{name}``."""
    for name in names:
        put_entry(stack, f"{LOCAL}{name}", at_this_machine(name, stack.identity_provider.url))


def scope_of(name: str) -> str:
    """Return a scope that brings a refresh token at a provider."""
    facts = builtin(name).scope
    return facts.default or " ".join(filter(None, (HARMLESS, facts.refresh_token)))
