"""Every page that a consent can lead to, each with the clicks that lead there."""

from typing import Final

from local.identity_provider.people import DEFAULT_ACCOUNT, PEOPLE
from local.identity_provider.records import SANDBOX_SCOPE
from local.story.application import ACCOUNT_ID
from tests.browser.clicks import (
    bring_a_made_up_state,
    bring_a_used_state,
    cancel,
    come_back_without,
    open_a_used_link,
    open_a_withdrawn_link,
    open_an_altered_link,
    open_an_expired_link,
    open_the_link,
    open_the_link_of_a_malformed_credential,
    open_the_link_without,
    press_the_button_without,
    sign_in,
    sign_in_for_a_suspended_account,
    sign_in_half_way_in_another_browser,
)
from tests.browser.scene import Scene
from tests.flows.household import PERSON

COLLEAGUE: Final = "colleague@example.com"
OUTSIDER: Final = "outsider@example.com"
ACCOUNT_NAME: Final = DEFAULT_ACCOUNT.name
CUSTOMER_ID: Final = DEFAULT_ACCOUNT.customer_id
SANDBOX: Final = f"{SANDBOX_SCOPE} offline_access"

LAST_TIME: Final = {
    "username": PERSON,
    "tenant_id": PEOPLE[PERSON].tenant_id,
    "object_id": PEOPLE[PERSON].object_id,
    "consented_at": "2026-01-31T09:30:00Z",
}
"""The identity in a secret that was once connected, and whose tokens are gone."""


def _microsoft_refuses(
    what: str, fault: str, heading: str, status: int, *says: str, again_prompt: str = "select_account"
) -> Scene:
    return Scene(
        what, heading, status, sign_in(PERSON), says, fault=(fault, {}), again="Try again", again_prompt=again_prompt
    )


SCENES: Final = (
    Scene("the link of an alert is opened", "Connect Microsoft Advertising", 200, open_the_link, (ACCOUNT_ID,)),
    Scene(
        "the link of a credential that was once connected is opened",
        "Connect Microsoft Advertising",
        200,
        open_the_link,
        (PERSON, "2026-01-31 09:30 UTC"),
        document={"identity": LAST_TIME},
    ),
    Scene("the person signs in", "Connected", 200, sign_in(PERSON), (PERSON, ACCOUNT_ID), writes=True),
    Scene("the link has expired", "This link has expired", 410, open_an_expired_link),
    Scene("the link was altered", "This link does not work", 403, open_an_altered_link, names_the_credential=False),
    Scene("the links were withdrawn", "This link was withdrawn", 410, open_a_withdrawn_link, writes=True),
    Scene("the link was used", "Already connected", 410, open_a_used_link, (PERSON, "UTC"), writes=True),
    Scene(
        "the sign-in was made up", "This sign-in is not known", 400, bring_a_made_up_state, names_the_credential=False
    ),
    Scene(
        "another browser brings a sign-in that is over",
        "Please use one browser",
        403,
        bring_a_used_state,
        names_the_credential=False,
        writes=True,
    ),
    Scene(
        "the sign-in was started in another browser",
        "Please use one browser",
        403,
        sign_in_half_way_in_another_browser,
        names_the_credential=False,
    ),
    Scene("the person cancels", "Microsoft did not connect you", 400, cancel, again="Try again"),
    _microsoft_refuses(
        "Microsoft asks for permissions",
        "authorize_consent_required",
        "Microsoft did not connect you",
        400,
        "65001",
        again_prompt="consent",
    ),
    _microsoft_refuses(
        "Microsoft requires a second factor",
        "authorize_interaction_required",
        "Microsoft did not connect you",
        400,
        "50076",
    ),
    _microsoft_refuses(
        "Microsoft requires claims at the code exchange, and gets them the next time",
        "claims_challenge",
        "Microsoft did not connect you",
        400,
        "50076",
    ),
    _microsoft_refuses(
        "nobody is signed in at Microsoft",
        "authorize_login_required",
        "Microsoft did not connect you",
        400,
        "50058",
    ),
    _microsoft_refuses(
        "Microsoft has an error", "authorize_server_error", "Microsoft cannot sign you in right now", 503, "90041"
    ),
    _microsoft_refuses(
        "Microsoft is unavailable",
        "authorize_temporarily_unavailable",
        "Microsoft cannot sign you in right now",
        503,
        "90033",
    ),
    Scene(
        "an administrator has to consent",
        "This is not your fault",
        409,
        sign_in(PERSON),
        ("administrator", "pass this on"),
        fault=("authorize_admin_consent_required", {}),
    ),
    Scene(
        "the code has expired",
        "That took a little too long",
        400,
        sign_in(PERSON),
        fault=("code_expired", {}),
        again="Sign in once more",
    ),
    Scene(
        "the code of a personal account has expired",
        "That took a little too long",
        400,
        sign_in(PERSON),
        fault=("code_expired_personal", {}),
        again="Sign in once more",
    ),
    Scene(
        "the client secret is wrong",
        "This is not your fault",
        409,
        sign_in(PERSON),
        ("client secret",),
        document={"client_secret": "planted-wrong-client-secret"},
        alerts_the_operator=True,
    ),
    Scene(
        "the answer holds no refresh token",
        "Please sign in once more",
        400,
        sign_in(PERSON),
        fault=("omit_refresh_token", {}),
        again="Sign in once more",
        again_prompt="consent",
    ),
    Scene(
        "a permission was not granted",
        "A permission is missing",
        400,
        sign_in(PERSON),
        fault=("narrow_scope", {}),
        again="Sign in once more",
        again_prompt="consent",
    ),
    Scene(
        "the ID token belongs to another sign-in",
        "This answer belongs to another sign-in",
        400,
        sign_in(PERSON),
        fault=("wrong_nonce", {}),
        again="Try again",
    ),
    Scene(
        "another person than last time takes over",
        "Are you sure that it is you?",
        409,
        sign_in(COLLEAGUE),
        (PERSON, COLLEAGUE),
        document={"identity": LAST_TIME},
        again=f"Continue as {COLLEAGUE}",
        again_as=COLLEAGUE,
    ),
    Scene(
        "another person than last time changes their mind",
        "Are you sure that it is you?",
        409,
        sign_in(COLLEAGUE),
        (PERSON, COLLEAGUE),
        document={"identity": LAST_TIME},
        again=f"Sign in as {PERSON}",
    ),
    Scene(
        "a person without access to the account signs in",
        "No access to this account",
        403,
        sign_in(OUTSIDER),
        (OUTSIDER, ACCOUNT_ID),
        again="Sign in as somebody else",
    ),
    Scene(
        "Microsoft Advertising does not answer",
        "Connected",
        200,
        sign_in(PERSON),
        ("could not be checked",),
        fault=("ads_unavailable", {"times": 9}),
        writes=True,
    ),
    Scene(
        "Microsoft Advertising asks for another kind of account",
        "No access to this account",
        403,
        sign_in(PERSON),
        ("work account",),
        fault=("ads_error", {"code": 125}),
        again="Sign in as somebody else",
    ),
    Scene(
        "the account is suspended",
        "Connected",
        200,
        sign_in_for_a_suspended_account,
        ("Suspended", ACCOUNT_NAME),
        writes=True,
    ),
    Scene(
        "the account belongs to another customer",
        "Connected",
        200,
        sign_in(PERSON),
        (CUSTOMER_ID,),
        document={"customer_id": "1111111"},
        writes=True,
    ),
    Scene(
        "the link of a sandbox credential is opened",
        "Connect Microsoft Advertising",
        200,
        open_the_link,
        ("Sandbox",),
        document={"scope": SANDBOX},
    ),
    Scene(
        "a sandbox credential is connected",
        "Connected",
        200,
        sign_in(PERSON),
        ("Sandbox", ACCOUNT_NAME),
        document={"scope": SANDBOX},
        writes=True,
    ),
    Scene(
        "Secrets Manager is down after the sign-in",
        "Your sign-in could not be saved",
        503,
        come_back_without("secretsmanager:*"),
        again="Sign in again",
    ),
    Scene(
        "Secrets Manager is down before the sign-in",
        "This page is not available right now",
        503,
        open_the_link_without("secretsmanager:*"),
        names_the_credential=False,
    ),
    Scene(
        "only the escrow takes the tokens",
        "Signed in, almost connected",
        202,
        come_back_without("secretsmanager:PutSecretValue"),
        (PERSON,),
    ),
    Scene(
        "the function fails",
        "Something went wrong here",
        500,
        press_the_button_without("dynamodb:PutItem"),
        names_the_credential=False,
    ),
    Scene(
        "the credential is malformed",
        "This is not your fault",
        409,
        open_the_link_of_a_malformed_credential,
        ("tenant",),
        writes=True,
    ),
)
"""Each is played once, and each test of the pages checks all of them."""
