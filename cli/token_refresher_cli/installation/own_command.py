"""Command lines and pages for a remedy or a next step. They work in the shell that they are printed in."""

import os
import shlex
from functools import cache
from typing import Final

import boto3

from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.where import DEFAULT_STACK

CHANGED_BY_HAND: Final = "docs/operations.md#the-stack-was-changed-by-hand"
"""Where to read on if a resource differs from the template: deploying the same template does not restore it."""


def own_command(installation: Installation, *words: str) -> str:
    """Return a command line for an installation, with the options that the environment lacks."""
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
    """Return the Region of a profile, which boto3 reads from files."""
    # A profile named default need not exist.
    return boto3.Session(profile_name=None if profile == "default" else profile).region_name


def runbook(installation: Installation, anchor: str) -> str:
    """Return the address of an entry of the runbook."""
    return f"{installation.environment.get('RUNBOOK_URL') or 'docs/operations.md'}#{anchor}"
