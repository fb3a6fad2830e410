"""Every page of a consent, in Chromium: its text, its headers, and its accessibility."""

from typing import Final

import pytest

from tests.browser.barriers import barriers_of, scrolls_to_the_side
from tests.browser.gallery import Gallery
from tests.browser.scene import Scene
from tests.browser.scenes import SCENES
from tests.browser.visitor import Tab
from tests.flows.household import Held, Household
from tests.grids import sampled

PROTECTION: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=31536000",
}

FRESH_STARTS: Final = [scene for scene in SCENES if scene.again]

every_page = pytest.mark.parametrize("scene", sampled(SCENES, 3), ids=str)


@every_page
def test_a_page_says_what_happened_and_to_which_credential(gallery: Gallery, scene: Scene) -> None:
    seen = gallery[scene]
    assert (seen.heading, seen.status) == (scene.heading, scene.status), seen.picture
    said = [*scene.says, *([scene.credential] if scene.names_the_credential else [])]
    assert [words for words in said if words not in seen.text] == [], seen.picture


@every_page
def test_the_secret_changes_only_in_the_scenes_that_say_so(gallery: Gallery, scene: Scene) -> None:
    assert gallery[scene].wrote == scene.writes


@every_page
def test_a_page_has_at_most_one_primary_button(gallery: Gallery, scene: Scene) -> None:
    assert gallery[scene].primary <= 1


@every_page
def test_a_page_is_accessible_on_phone_and_desktop_in_light_and_dark(gallery: Gallery, scene: Scene) -> None:
    assert gallery[scene].barriers == (), gallery[scene].picture


@every_page
def test_a_page_fits_the_narrowest_phone(gallery: Gallery, scene: Scene) -> None:
    assert not gallery[scene].is_too_wide, gallery[scene].picture


@every_page
def test_a_browser_reports_no_problem_and_requests_nothing_from_other_hosts(gallery: Gallery, scene: Scene) -> None:
    assert gallery[scene].went_wrong == ()


@every_page
def test_a_page_is_sent_with_headers_that_protect_it(gallery: Gallery, scene: Scene) -> None:
    headers = gallery[scene].headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert {name: headers[name] for name in PROTECTION} == PROTECTION


@pytest.mark.parametrize("scene", sampled(FRESH_STARTS, 3), ids=str)
def test_a_fresh_start_is_one_click_away_and_ends_connected(gallery: Gallery, scene: Scene) -> None:
    seen = gallery[scene]
    assert scene.again in seen.buttons, seen.picture
    assert seen.after == "Connected"
    assert seen.prompts[-1] == scene.again_prompt


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.alerts_the_operator], ids=str)
def test_the_operator_gets_an_alert_if_only_they_can_act(gallery: Gallery, household: Household, scene: Scene) -> None:
    assert gallery[scene].heading == scene.heading
    assert household.inbox.wait_for(scene.credential, "operator_action_required")


def test_the_account_chooser_of_the_stand_in_is_accessible_too(tab: Tab, link: str, waiting: Held) -> None:
    tab.start(link)
    assert tab.heading == "Pick an account"
    assert barriers_of(tab.page) == []
    assert not scrolls_to_the_side(tab.page)
