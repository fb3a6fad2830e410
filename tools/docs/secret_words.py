"""What the reference says of the secret of a credential: its keys, its tags and its statuses."""

import re
from typing import Final

from local.stack.toolchain import ROOT
from token_refresher.credential.fields import Writer
from token_refresher.credential.status import Status

WRITERS: Final = {Writer.OPERATOR: "you", Writer.REFRESHER: "Token Refresher"}
"""Who writes a key, as the reader of the reference sees it."""

KEYS: Final = {
    "client_id": "The application (client) ID of the app registration. Required.",
    "provider": "An entry of [the catalogue](providers.md). Default: `microsoft-advertising`.",
    "client_secret": "The value of a client secret, not its ID. Absent for a public client.",
    "previous_client_secret": "Tried once in the same attempt if the provider refuses `client_secret`.",
    "private_key": "A private RSA key in PEM, which proves who the client is in place of a client secret.",
    "private_key_kms_key_id": "The ARN of a key of KMS that signs in its place. `SigningKmsKeyArns` must have it.",
    "certificate": "The certificate of the key in PEM, if the provider wants its thumbprint, as Microsoft does.",
    "tenant": "`common` (default), `organizations`, `consumers`, a tenant ID or a domain.",
    "scope": "Default for Microsoft Advertising: `https://ads.microsoft.com/msads.manage offline_access`.",
    "developer_token": "The developer token of Microsoft Advertising. With it, each sign-in checks the account.",
    "customer_id": "`cid` in the address bar of Microsoft Advertising, as a text of digits.",
    "account_id": "`aid` in the address bar, as a text of digits; not the account number.",
    "client_secret_expires_at": "When the client secret expires. Before that, `expiry_warning` alerts are sent.",
    "invites_valid_from": "Connect links that were made before this time are withdrawn.",
    "publish_to": "The name of [the secret that pipelines read](decisions/0060-the-consumer-secret.md).",
    "publish_developer_token": "`true`: that secret has the developer token as well.",
    "authorization_endpoint": "With the provider `oauth2`: its authorization endpoint, an `https` address.",
    "token_endpoint": "With the provider `oauth2`: its token endpoint, an `https` address.",
    "token_endpoint_auth_method": "With the provider `oauth2`: `client_secret_post` (default), `client_secret_basic`,"
    " `private_key_jwt` or `none`.",
    "refresh_token": "The refresh token. You may put one in, to import a sign-in.",
    "access_token": "The access token, which pipelines send to the API.",
    "token_type": "`Bearer`.",
    "granted_scope": "The scope that the provider granted.",
    "refreshed_at": "When the access token was issued.",
    "expires_at": "When the access token expires.",
    "refresh_token_issued_at": "When the refresh token was issued.",
    "refresh_token_expires_at": "When the refresh token ends, if no refresh moves that. Before it, `expiry_warning`"
    " alerts are sent. You may write it for a refresh token that you put in.",
    "identity": "Who signed in, and when: `username`, `consented_at`, and `tenant_id` with `object_id`, or `subject`.",
    "consented_at": "When somebody signed in last. A connect link works until this changes.",
}
"""What each key of the document means. Times are RFC 3339 texts in UTC."""

STATUSES: Final = {
    Status.AWAITING_CONSENT: "Nobody has signed in yet.",
    Status.HEALTHY: "The access token is fresh, and Token Refresher keeps it so.",
    Status.RETRYING: "The last attempt failed temporarily; it is repeated.",
    Status.NEEDS_CONSENT: "A person has to sign in again.",
    Status.NEEDS_OPERATOR: "The operator or an administrator has to correct the secret, the application or a policy.",
    Status.PAUSED: "An operator has paused it.",
}

TAGS: Final = {
    "token-refresher:status": "The status of the credential, as below.",
    "token-refresher:reason": "Why a person has to act, or `-`.",
    "token-refresher:moved-to": "On a pointer: the new name of the credential.",
    "token-refresher:moved-until": "On a pointer: until when to keep it.",
    "token-refresher:copy-of": "While a credential is renamed: on the new secret, the old name.",
    "token-refresher:renaming-to": "While a credential is renamed: on the old secret, the new name.",
}


def tags() -> list[str]:
    """Return the tags that the package and the command know."""
    sources = [path.read_text("utf-8") for folder in ("layers", "cli") for path in (ROOT / folder).rglob("*.py")]
    found = {
        tag
        for text in sources
        for tag in re.findall(r'^[A-Z_]+: Final = "(token-refresher:[a-z-]+)"', text, re.MULTILINE)
    }
    return [tag for tag in TAGS if tag in found] + sorted(found - TAGS.keys())
