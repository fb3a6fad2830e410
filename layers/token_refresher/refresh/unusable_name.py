"""A credential with a name that fits into no sign-in link: it is refreshed as always, but nobody can sign in for it."""

from dataclasses import replace

from token_refresher.credential.name import fault_of_name
from token_refresher.diagnosis.catalogue import meanings
from token_refresher.diagnosis.diagnosis import MALFORMED_CREDENTIAL, Actor, Diagnosis
from token_refresher.rotation.secret_store import NAMELESS

UNUSABLE_NAME = "unusable_name"


def diagnose_name(name: str, diagnosis: Diagnosis) -> Diagnosis:
    """Return the diagnosis of an unusable name if a sign-in or an edit would not help because of the name.

    While the tokens are good, the name does no harm, and the refreshes go on.

    Args:
        name: The credential's name.
        diagnosis: What else stops the credential; returned if the name does not matter.
    """
    fault = fault_of_name("" if name == NAMELESS else name)
    if not fault or (diagnosis.actor is not Actor.USER and diagnosis.meaning != MALFORMED_CREDENTIAL):
        return diagnosis
    known = meanings()[UNUSABLE_NAME]
    return replace(
        diagnosis,
        code=UNUSABLE_NAME,
        actor=known.actor,
        certain=True,
        cause=f"{known.cause} {fault}",
        action=known.action,
        meaning=UNUSABLE_NAME,
        help_url="",
    )
