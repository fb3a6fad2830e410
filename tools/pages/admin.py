"""The pages of an administrator who was asked to accept for an organization."""

from typing import Final

from token_refresher.consent.admin_consent import admin_consent
from token_refresher.consent.result import ConsentResult
from tools.pages.situation import Situation


def _admin(**query: str) -> ConsentResult:
    result = admin_consent(query)
    if result is None:
        raise AssertionError("the query is no answer to an administrator")
    return result


ADMIN: Final = (
    Situation(
        "admin-consented",
        "An administrator has accepted for the organization, and Microsoft sent them back.",
        "Tells the person with the connect link that they can go on.",
        _admin(admin_consent="True"),
    ),
    Situation(
        "admin-consented-something-else",
        "An administrator has accepted for the organization, and `msads.manage` was not asked for.",
        "Opens the address from the operator once more.",
        _admin(admin_consent="True", scope="https://graph.microsoft.com/User.Read"),
    ),
    Situation(
        "admin-refused",
        "An administrator has not accepted for the organization.",
        "Nothing, if they meant to decline; otherwise opens the address again.",
        _admin(admin_consent="True", error="consent_required", error_description="AADSTS65004: declined"),
    ),
    Situation(
        "admin-refused-service-missing",
        "An administrator could not accept: the organization does not have Microsoft Advertising (AADSTS650052).",
        "Passes it on to the operator.",
        _admin(admin_consent="True", error="invalid_client", error_description="AADSTS650052: no service"),
    ),
)
