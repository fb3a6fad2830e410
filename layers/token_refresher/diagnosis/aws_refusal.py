"""The diagnosis for a call to AWS that AWS refuses: which permission is missing.

The operation and the error code decide. The message is not read: it quotes names and ARNs, and AWS changes it.
"""

from typing import Final

from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.diagnosis.catalogue import meanings
from token_refresher.diagnosis.diagnosis import Diagnosis

CALL_REFUSED: Final = "call_refused"
RIGHT_MISSING: Final = "right_missing"
TAGS_REFUSED: Final = "tags_refused"

REFUSED: Final = frozenset({CALL_REFUSED, RIGHT_MISSING})
"""The meanings of a credential whose calls AWS refuses. Attempts go on: the fix does not change the secret."""

SHARED: Final = REFUSED | {TAGS_REFUSED}
"""The meanings that many credentials have at once if the stack has lost a permission."""

_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})

_KEY_ACTIONS: Final = {"DecryptionFailure": "kms:Decrypt", "EncryptionFailure": "kms:GenerateDataKey"}
"""The error codes of Secrets Manager for an unusable key, and the IAM action that is missing.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors
"""

_ALSO_NEEDED_FOR_KEY: Final = {
    "secretsmanager:GetSecretValue": "kms:Decrypt",
    "secretsmanager:PutSecretValue": "kms:GenerateDataKey and kms:Decrypt",
    "ssm:GetParameter": "kms:Decrypt",
    "ssm:PutParameter": "kms:Encrypt and kms:GenerateDataKey",
}
"""The actions on the key that an operation also needs. If AWS denies them, the error code is the same.

Sources: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html,
https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
"""


def missing_right(error: ServiceUnavailableError) -> str:
    """Return the missing IAM action, or empty if AWS refuses the call for another reason.

    The operations in use have the same names as their IAM actions.
    """
    if error.code in _KEY_ACTIONS:
        return _KEY_ACTIONS[error.code]
    return error.call.replace(".", ":", 1) if error.code in _DENIED else ""


def diagnose_refusal(error: ServiceUnavailableError) -> Diagnosis:
    """Return the diagnosis for a call that AWS refuses and would refuse again a moment later."""
    action = missing_right(error)
    if not action:
        return _said(CALL_REFUSED, error.code, f"The call was {error}.")
    key = _ALSO_NEEDED_FOR_KEY.get(action)
    also = f" With a key of your own it needs {key} on that key as well." if key else ""
    return _said(RIGHT_MISSING, action, f"What is missing is {action}; the call was {error}.{also}")


def diagnose_tags(error: ServiceUnavailableError) -> Diagnosis:
    """Return the diagnosis for status tags that AWS does not let the role set."""
    action = missing_right(error)
    what = f"What is missing is {action}; the call was {error}." if action else f"The call was {error}."
    return _said(TAGS_REFUSED, action or error.code, what)


def _said(name: str, code: str, what: str) -> Diagnosis:
    known = meanings()[name]
    return Diagnosis(
        code,
        known.actor,
        certain=known.certain,
        cause=f"{known.cause} {what}",
        action=known.action.format(right=code),
        meaning=name,
        concerns=known.concerns,
    )
