"""The clicks that lead to the pages of a consent."""

from collections.abc import Callable

from local.story.application import ACCOUNT_ID
from tests.browser.stage import Stage
from tests.flows.household import PERSON

Clicks = Callable[[Stage], None]


def sign_in(person: str) -> Clicks:
    """Return the clicks that open the link, press the button and choose an account."""
    return lambda stage: stage.tab.sign_in(stage.link, person)


def sign_in_for_a_suspended_account(stage: Stage) -> None:
    """Connect a credential whose account Microsoft Advertising has suspended."""
    provider = stage.household.stack.identity_provider
    provider.set_life_cycle_status(stage.held.client_id, ACCOUNT_ID, "Suspended")
    stage.tab.sign_in(stage.link, PERSON)


def open_the_link(stage: Stage) -> None:
    """Open the link of the alert."""
    stage.tab.open(stage.link)


def cancel(stage: Stage) -> None:
    """Go to Microsoft, and cancel there."""
    stage.tab.start(stage.link)
    stage.tab.press("Cancel")


def open_an_expired_link(stage: Stage) -> None:
    """Open an expired link."""
    stage.tab.open(stage.link_of_last_month())


def open_an_altered_link(stage: Stage) -> None:
    """Open a link whose end a mail program has broken."""
    stage.tab.open(stage.link[:-3] + "zzz")


def open_a_withdrawn_link(stage: Stage) -> None:
    """Open a link that the operator has withdrawn."""
    stage.withdraw_links()
    stage.tab.open(stage.link)


def open_a_used_link(stage: Stage) -> None:
    """Open a link with which another person has already connected."""
    stage.open_another_browser().sign_in(stage.link, PERSON)
    stage.tab.open(stage.link)


def bring_a_made_up_state(stage: Stage) -> None:
    """Come back from a sign-in that was never started."""
    stage.tab.open(f"{stage.callback}?state=made-up&code=made-up")


def bring_a_used_state(stage: Stage) -> None:
    """Come back in one browser from a sign-in that was finished in another."""
    used = stage.open_another_browser()
    used.sign_in(stage.link, PERSON)
    stage.tab.open(used.url)


def sign_in_half_way_in_another_browser(stage: Stage) -> None:
    """Start in one browser, and sign in to Microsoft in another."""
    started = stage.open_another_browser()
    started.start(stage.link)
    stage.tab.open(started.url)
    stage.tab.choose(PERSON)


def open_the_link_of_a_malformed_credential(stage: Stage) -> None:
    """Open the link after the operator has mistyped the tenant."""
    stage.household.edit(stage.held, tenant="../../elsewhere")
    stage.tab.open(stage.link)


def open_the_link_without(*actions: str) -> Clicks:
    """Return the clicks that open the link while AWS refuses some actions."""

    def clicks(stage: Stage) -> None:
        with stage.denied(*actions):
            stage.tab.open(stage.link)

    return clicks


def press_the_button_without(*actions: str) -> Clicks:
    """Return the clicks that press the button while AWS refuses some actions."""

    def clicks(stage: Stage) -> None:
        stage.tab.open(stage.link)
        with stage.denied(*actions):
            stage.tab.press("Continue to Microsoft")

    return clicks


def come_back_without(*actions: str) -> Clicks:
    """Return the clicks that come back from Microsoft while AWS refuses some actions."""

    def clicks(stage: Stage) -> None:
        stage.tab.start(stage.link)
        with stage.denied(*actions):
            stage.tab.choose(PERSON)

    return clicks
