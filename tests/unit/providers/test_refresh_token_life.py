"""When a refresh token ends: what the answer says, what the catalogue says, and what the document had before."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.fakes.manual_clock import START
from tests.fakes.rotations import a_grant
from token_refresher.base.clock import to_rfc3339
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.providers.catalogue.builtin import builtin, builtin_names
from token_refresher.providers.catalogue.entry import RefreshTokenFacts, TokenRotation
from token_refresher.providers.refresh_token_life import fixed_end, idle_end

DAY = timedelta(days=1)
YEAR = 365 * DAY
LINKEDIN, QUICKBOOKS, ATLASSIAN, PINTEREST, GOOGLE, MICROSOFT, OAUTH2 = (
    builtin(name).refresh_token
    for name in ("linkedin", "quickbooks", "atlassian", "pinterest", "google", "microsoft-advertising", "oauth2")
)


def grant(answered: timedelta | None = None) -> Grant:
    ends_at = START + answered if answered is not None else None
    return replace(a_grant("new"), issued_at=START, refresh_token_expires_at=ends_at)


def document(consented: timedelta | None = None, ends: timedelta | None = None) -> Credential:
    """Return the document of a refresh, with the times from now at which it was consented to and ends."""
    fields: dict[str, Any] = {"client_id": "app-1"}
    if consented is not None:
        fields["consented_at"] = to_rfc3339(START + consented)
    if ends is not None:
        fields["refresh_token_expires_at"] = to_rfc3339(START + ends)
    return Credential.parse(json.dumps(fields))


@pytest.mark.parametrize(
    ("facts", "answered", "end"),
    [
        pytest.param(LINKEDIN, YEAR, YEAR, id="LinkedIn says a year"),
        pytest.param(LINKEDIN, 60 * DAY, 60 * DAY, id="LinkedIn says less: the answer counts"),
        pytest.param(LINKEDIN, None, YEAR, id="LinkedIn says nothing: the catalogue counts"),
        pytest.param(ATLASSIAN, None, YEAR, id="Atlassian never says anything"),
        pytest.param(QUICKBOOKS, 100 * DAY, 5 * YEAR, id="QuickBooks says when it idles out, which is not its end"),
        pytest.param(GOOGLE, None, None, id="Google says nothing: there is no end"),
        pytest.param(GOOGLE, 180 * DAY, 180 * DAY, id="a person granted Google access for a limited time"),
        pytest.param(PINTEREST, 60 * DAY, None, id="Pinterest extends it with each refresh"),
        pytest.param(MICROSOFT, None, None, id="Microsoft's has no end"),
        pytest.param(OAUTH2, None, None, id="nothing is known"),
    ],
)
def test_the_end_after_a_consent(facts: RefreshTokenFacts, answered: timedelta | None, end: timedelta | None) -> None:
    assert fixed_end(facts, grant(answered), None) == (START + end if end else None)


@pytest.mark.parametrize(
    ("facts", "answered", "before", "end"),
    [
        pytest.param(LINKEDIN, 300 * DAY, document(-65 * DAY, 300 * DAY), None, id="the answer says what is known"),
        pytest.param(
            LINKEDIN, 300 * DAY - timedelta(seconds=2), document(ends=300 * DAY), None, id="two seconds are no news"
        ),
        pytest.param(LINKEDIN, 200 * DAY, document(ends=300 * DAY), 200 * DAY, id="the answer says another date"),
        pytest.param(LINKEDIN, 300 * DAY, document(), 300 * DAY, id="an imported token learns its end from the answer"),
        pytest.param(LINKEDIN, None, document(-65 * DAY), 300 * DAY, id="without a date it counts from the consent"),
        pytest.param(LINKEDIN, None, document(-65 * DAY, 10 * DAY), None, id="what an operator wrote stays"),
        pytest.param(LINKEDIN, None, document(), None, id="an imported token of which nobody knows the consent"),
        pytest.param(ATLASSIAN, None, document(-YEAR, -DAY), None, id="it has passed, and works on: nothing new"),
        pytest.param(QUICKBOOKS, 100 * DAY, document(-YEAR), 4 * YEAR, id="QuickBooks counts from the consent"),
        pytest.param(QUICKBOOKS, 100 * DAY, document(-YEAR, 4 * YEAR), None, id="QuickBooks moves no end"),
        pytest.param(GOOGLE, 5 * DAY, document(-2 * DAY), 5 * DAY, id="Google counts on to a limited time"),
        pytest.param(GOOGLE, None, document(-2 * DAY, 5 * DAY), None, id="what is known stays if Google says nothing"),
        pytest.param(PINTEREST, 60 * DAY, document(-YEAR), None, id="Pinterest extends it"),
        pytest.param(MICROSOFT, None, document(-YEAR), None, id="Microsoft's has no end"),
        pytest.param(MICROSOFT, None, document(ends=DAY), None, id="an operator knows an end that we do not"),
    ],
)
def test_the_end_after_a_refresh(
    facts: RefreshTokenFacts, answered: timedelta | None, before: Credential, end: timedelta | None
) -> None:
    """No end leaves what the document has."""
    assert fixed_end(facts, grant(answered), before) == (START + end if end else None)


@pytest.mark.parametrize("name", builtin_names())
def test_an_entry_without_a_lifetime_writes_no_end_that_the_answer_does_not_name(name: str) -> None:
    facts = builtin(name).refresh_token
    has_end = facts.lifetime is not None and not facts.is_extended
    assert (fixed_end(facts, grant(), None) is not None) is has_end


@pytest.mark.parametrize(
    ("facts", "issued", "used", "end"),
    [
        pytest.param(MICROSOFT, -2 * DAY, -2 * DAY, 88 * DAY, id="Microsoft's lives for 90 days without a use"),
        pytest.param(MICROSOFT, -30 * DAY, -DAY, 60 * DAY, id="each use should replace it, so its age counts"),
        pytest.param(GOOGLE, -400 * DAY, -DAY, 179 * DAY, id="Google's stays the same, so its last use counts"),
        pytest.param(PINTEREST, -10 * DAY, -10 * DAY, 50 * DAY, id="each refresh brings one with 60 days"),
        pytest.param(QUICKBOOKS, -3 * DAY, -DAY, 99 * DAY, id="100 days after its last use"),
        pytest.param(LINKEDIN, -10 * DAY, -DAY, None, id="LinkedIn's does not idle out"),
        pytest.param(MICROSOFT, None, None, None, id="there is no refresh token"),
        pytest.param(GOOGLE, -DAY, None, 179 * DAY, id="it was never used"),
        pytest.param(
            RefreshTokenFacts(TokenRotation.ALWAYS, lifetime=14 * DAY, is_extended=True, idle=30 * DAY),
            -DAY,
            -DAY,
            13 * DAY,
            id="the earlier of two ends",
        ),
    ],
)
def test_when_an_unused_refresh_token_ends(
    facts: RefreshTokenFacts, issued: timedelta | None, used: timedelta | None, end: timedelta | None
) -> None:
    assert idle_end(facts, at(issued), at(used)) == at(end)


def at(from_now: timedelta | None) -> datetime | None:
    return None if from_now is None else START + from_now
