"""The refusals of the Microsoft identity platform as data, in its own words, and their bodies.

Codes, `error` values and messages: the error code page (tag ENT), f-bader/EntraID-ErrorCodes (tag FB) and
payloads quoted in public issues. The code that refuses fills in the placeholders.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Refusal:
    """One row: the AADSTS code, the OAuth error, the message, and the status at the token endpoint."""

    code: int
    error: str
    message: str
    status: int = 400
    suberror: str | None = None


INVALID_GRANT = "invalid_grant"
INVALID_REQUEST = "invalid_request"
INVALID_CLIENT = "invalid_client"

ADS_RESOURCE = "d42ffc93-c136-491d-b4fd-6f18168c68fd"
"""The application id of Microsoft Advertising (tag ADSREG), which some messages name."""

# Apps and their secrets.
UNKNOWN_APP = Refusal(
    700016,
    "unauthorized_client",
    "Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can happen "
    "if the application has not been installed by the administrator of the tenant or consented to by any "
    "user in the tenant. You may have sent your authentication request to the wrong tenant.",
)
WRONG_SECRET = Refusal(
    7000215,
    INVALID_CLIENT,
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
    "value, not the client secret ID, for a secret added to app '{client_id}'.",
    401,
)
MISSING_SECRET = Refusal(
    7000218,
    INVALID_CLIENT,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    401,
)
EXPIRED_SECRET = Refusal(
    7000222,
    INVALID_CLIENT,
    "The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create "
    "new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for "
    "added security: https://aka.ms/certCreds.",
    401,
)
CLIENT_REFUSED = Refusal(7000218, INVALID_CLIENT, "The client did not prove who it is in an accepted way.", 401)
"""Of the providers of the catalogue: Microsoft has a code for each way to be wrong."""
WRONG_ASSERTION = Refusal(700027, INVALID_CLIENT, "Client assertion failed signature validation.", 401)
SECRET_FROM_PUBLIC_CLIENT = Refusal(90023, INVALID_REQUEST, "Public clients can't send a client secret.")

# The form of a request.
MISSING_PARAMETER = Refusal(900144, INVALID_REQUEST, "The request body must contain the following parameter: '{name}'.")
WRONG_METHOD = Refusal(900561, INVALID_REQUEST, "The endpoint only accepts POST requests. Received a {method} request.")
CROSS_ORIGIN = Refusal(
    9002326,
    INVALID_REQUEST,
    "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. "
    "Request origin: '{origin}'.",
)
CONTRADICTORY = Refusal(90023, INVALID_REQUEST, "Invalid STS request.")
UNSUPPORTED_GRANT_TYPE = Refusal(70003, "unsupported_grant_type", "The app returned an unsupported grant type.")
UNKNOWN_SCOPE = Refusal(70011, "invalid_scope", "The provided value for the input parameter 'scope' is not valid.")

# The authorize request.
NO_REPLY_ADDRESS = Refusal(900971, INVALID_REQUEST, "No reply address provided.")
WRONG_REPLY_ADDRESS = Refusal(
    50011,
    INVALID_REQUEST,
    "The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs "
    "configured for the application '{client_id}'. Make sure the redirect URI sent in the request matches "
    "one added to your application in the Azure portal. Navigate to "
    "https://aka.ms/redirectUriMismatchError to learn more about how to fix this.",
)
UNSUPPORTED_RESPONSE_TYPE = Refusal(
    70005, "unsupported_response_type", "The app returned an unsupported response type."
)
UNSUPPORTED_RESPONSE_MODE = Refusal(
    70007, INVALID_REQUEST, "The app returned an unsupported value of response_mode when requesting a token."
)
MISSING_CHALLENGE = Refusal(501471, INVALID_REQUEST, "Missing code_challenge parameter.")
WRONG_CHALLENGE_SIZE = Refusal(501491, INVALID_REQUEST, "Invalid size of Code_Challenge parameter.")
UNSUPPORTED_CHALLENGE_METHOD = Refusal(90004, INVALID_REQUEST, "The request is not properly formatted.")
SIGN_IN_NEEDED = Refusal(50058, "login_required", "Session information is not sufficient for single-sign-on.")
DECLINED = Refusal(65004, "access_denied", "User declined to consent to access the app.")
ADMIN_CONSENT_NEEDED = Refusal(
    90094, "access_denied", "Admin consent is required for the permissions requested by this application."
)
CONSENT_NEEDED = Refusal(
    65001,
    "consent_required",
    "The user or administrator has not consented to use the application with ID '{client_id}'. Send an "
    "interactive authorization request for this user and resource.",
)

# A second factor is required: one error at the token endpoint, another one at the authorize endpoint.
MFA_NEEDED = Refusal(
    50076,
    INVALID_GRANT,
    "Due to a configuration change made by your administrator, or because you moved to a new location, you "
    "must use multi-factor authentication to access '{resource}'.",
    suberror="basic_action",
)
MFA_NEEDED_TO_SIGN_IN = replace(MFA_NEEDED, error="interaction_required")

# Codes.
UNKNOWN_CODE = Refusal(70000, INVALID_GRANT, "The provided value for the 'code' parameter is not valid.")
EXPIRED_CODE = Refusal(
    70008,
    INVALID_GRANT,
    "The provided authorization code or refresh token has expired due to inactivity. Send a new "
    "interactive authorization request for this user and resource.",
)
EXPIRED_CODE_OF_PERSONAL_ACCOUNT = Refusal(
    70000, INVALID_GRANT, "The provided value for the 'code' parameter is not valid. The code has expired."
)
REDEEMED_CODE = Refusal(
    54005,
    INVALID_GRANT,
    "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an "
    "existing refresh token.",
)
CODE_OF_OTHER_TENANT = Refusal(
    700005,
    INVALID_GRANT,
    "Provided Authorization Code is intended to use against other tenant, thus rejected.",
)
MISSING_REPLY_ADDRESS = Refusal(
    70000,
    INVALID_GRANT,
    "'redirect_uri' must be provided when presenting an authorization code requested with a 'redirect_uri'.",
)
OTHER_REPLY_ADDRESS = Refusal(
    500112,
    INVALID_CLIENT,
    "The reply address '{actual}' does not match the reply address '{provided}' provided when requesting "
    "Authorization code.",
)
WRONG_VERIFIER = Refusal(
    501481,
    INVALID_GRANT,
    "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
)

# Refresh tokens and scopes.
SCOPE_NOT_GRANTED = Refusal(
    70000,
    INVALID_GRANT,
    "The request was denied because one or more scopes requested are unauthorized or expired. The user "
    "must first sign in and grant the client application access to the requested scope.",
)
UNKNOWN_REFRESH_TOKEN = Refusal(
    70000,
    INVALID_GRANT,
    "The provided value for the input parameter 'refresh_token' or 'assertion' is not valid.",
)
MALFORMED_REFRESH_TOKEN = Refusal(9002313, INVALID_GRANT, "Invalid request. Request is malformed or invalid.")
REVOKED_GRANT = Refusal(
    50173,
    INVALID_GRANT,
    "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might "
    "have changed or reset their password. The grant was issued on '{issued_at}' and the TokensValidFrom "
    "date (before which tokens are not valid) for this user is '{revoked_at}'.",
    suberror="bad_token",
)
INACTIVE_REFRESH_TOKEN = Refusal(
    700082,
    INVALID_GRANT,
    "The refresh token has expired due to inactivity. The token was issued on {issued_at} and was "
    "inactive for {inactivity}.",
    suberror="bad_token",
)

# The provider itself.
TRANSIENT = Refusal(90033, "temporarily_unavailable", "A transient error has occurred. Please try again.", 503)
SERVER_ERROR = Refusal(90041, "server_error", "A transient error has occurred. Please try again.", 503)


class RefusedError(Exception):
    """The provider refuses a request.

    `outcome` is the entry in the journal: the OAuth error, unless the refusal has its own name there.
    `claims` is the JSON text that the next authorize request must carry.
    """

    def __init__(
        self, refusal: Refusal, *, outcome: str | None = None, claims: str | None = None, **values: str
    ) -> None:
        super().__init__(f"AADSTS{refusal.code}: {refusal.message.format(**values)}")
        self.refusal = refusal
        self.outcome = outcome or refusal.error
        self.claims = claims

    def body(self, now: datetime) -> dict[str, Any]:
        """Return the JSON body, in the shape of real payloads.

        Source: error response of the authorization code flow (tag ACF); `suberror` only if one is known.
        """
        trace_id, correlation_id = str(uuid.uuid4()), str(uuid.uuid4())
        timestamp = f"{now:%Y-%m-%d %H:%M:%S}Z"
        body: dict[str, Any] = {
            "error": self.refusal.error,
            "error_description": f"{self} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}",
            "error_codes": [self.refusal.code],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.refusal.code}",
        }
        if self.refusal.suberror:
            body["suberror"] = self.refusal.suberror
        if self.claims:
            body["claims"] = self.claims
        return body
