"""Why a call to a provider failed, if no OAuth answer says why. The words are the product's, never a payload."""

from enum import StrEnum


class Reason(StrEnum):
    """The causes that each have a remedy of their own (``diagnosis/data/reasons.toml``)."""

    # There was no connection to the provider, so nothing was sent.
    NAME_NOT_RESOLVED = "name_not_resolved"
    CONNECTION_REFUSED = "connection_refused"
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect_timeout"
    CERTIFICATE_NOT_TRUSTED = "certificate_not_trusted"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_NOT_YET_VALID = "certificate_not_yet_valid"
    CERTIFICATE_OF_ANOTHER_HOST = "certificate_of_another_host"
    TRUSTED_CERTIFICATES_UNREADABLE = "trusted_certificates_unreadable"
    PROXY_UNREACHABLE = "proxy_unreachable"
    PROXY_WANTS_SIGN_IN = "proxy_wants_sign_in"
    """A proxy answered 407, to ``CONNECT`` or instead of the provider."""
    PROXY_REFUSED = "proxy_refused"
    """A proxy answered ``CONNECT`` with neither 200 nor 407."""
    ADDRESS_UNUSABLE = "address_unusable"
    ADDRESS_PRIVATE = "address_private"
    """The name that a document or a team's own entry gives leads into a private network."""
    HEADER_UNUSABLE = "header_unusable"

    # Either before or after the request was sent: `FailureKind` says which.
    TLS_FAILED = "tls_failed"
    CONNECTION_RESET = "connection_reset"

    # The request was sent, but no complete answer came.
    READ_TIMEOUT = "read_timeout"
    NO_HTTP = "no_http"
    ANSWER_CUT_OFF = "answer_cut_off"

    # An answer came that is not a token endpoint's.
    REDIRECTED = "redirected"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    NO_OAUTH_ANSWER = "no_oauth_answer"
    UNKNOWN_CODING = "unknown_coding"
    NO_TOKENS = "no_tokens"
    ACCESS_TOKEN_ENDED = "access_token_ended"
