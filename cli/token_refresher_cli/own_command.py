"""Command lines to copy: what a remedy or a step prints works in the shell that it was printed in."""

import os
import shlex
from functools import cache
from typing import Final

import boto3

from token_refresher_cli.installation import DEFAULT_STACK, Installation

CHANGED_BY_HAND: Final = "docs/operations.md#the-stack-was-changed-by-hand"
"""For what is not as the template has it: a deployment of the same template would not bring it back."""


def own_command(installation: Installation, *words: str) -> str:
    """Return a command line of ours for this installation, with the options that the shell does not say itself."""
    session = installation.session
    options = []
    if installation.stack != os.environ.get("TOKEN_REFRESHER_STACK", DEFAULT_STACK):
        options += ["--stack", installation.stack]
    profile = session.profile_name
    if profile not in {"default", os.environ.get("AWS_PROFILE", "default")}:
        options += ["--profile", profile]
    region = session.region_name
    if region != (os.environ.get("AWS_REGION") or _region_of(profile, os.environ.get("AWS_DEFAULT_REGION"))):
        options += ["--region", region]
    return f"token-refresher {' '.join(map(shlex.quote, [*options, *words]))}"


@cache
def _region_of(profile: str, _default: str | None) -> str | None:
    """Return the Region that a profile has by itself; asked for once, for it is read from files."""
    # The profile of that name need not exist.
    return boto3.Session(profile_name=None if profile == "default" else profile).region_name


def runbook(installation: Installation, anchor: str) -> str:
    """Return where the runbook has an entry."""
    return f"{installation.environment.get('RUNBOOK_URL') or 'docs/operations.md'}#{anchor}"
