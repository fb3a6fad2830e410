"""The pages of a link or a request that does not work."""

from typing import Final

from token_refresher.consent.result import ConsentOutcome, ConsentResult
from tools.pages.situation import FROM_THE_MESSAGE, KNOWN, NAME, Situation

LINKS: Final = (
    Situation(
        "expired-invite",
        "The link is older than `ConnectLinkDays`.",
        "Looks for a later message, or asks for a new link.",
        ConsentResult(ConsentOutcome.EXPIRED_INVITE, NAME, **KNOWN),
    ),
    Situation(
        "withdrawn-invite",
        "The operator has withdrawn the links that were sent until then.",
        "Looks for a later message, or asks for a new link.",
        ConsentResult(ConsentOutcome.WITHDRAWN_INVITE, NAME, **KNOWN),
    ),
    Situation(
        "invalid-invite",
        "The link was altered, or is for no credential. The page does not say which, and names nothing.",
        f"{FROM_THE_MESSAGE[:-1]} again, or asks for a new one.",
        ConsentResult(ConsentOutcome.INVALID_INVITE),
    ),
    Situation(
        "unknown-state",
        "Microsoft sent a browser back with a state that is unknown, used, or older than ten minutes.",
        FROM_THE_MESSAGE,
        ConsentResult(ConsentOutcome.UNKNOWN_STATE),
    ),
    Situation(
        "foreign-browser",
        "The sign-in was started in another browser.",
        f"{FROM_THE_MESSAGE[:-1]} in the browser of the sign-in.",
        ConsentResult(ConsentOutcome.FOREIGN_BROWSER),
    ),
    Situation(
        "unavailable",
        "AWS does not answer, so that not even the link can be read.",
        f"{FROM_THE_MESSAGE[:-1]} again, a few minutes later.",
        ConsentResult(ConsentOutcome.UNAVAILABLE),
    ),
    Situation("broken", "This service has a fault.", f"{FROM_THE_MESSAGE[:-1]} again, a few minutes later.", None),
)
