"""The signing key was rotated while links were on their way: `household` does it at the start."""

from local.stack.waiting import eventually
from local.story.links import connect_links
from tests.flows.household import Household


def test_a_link_of_the_new_key_works_and_one_that_was_on_its_way_still_does(household: Household) -> None:
    of_the_new_key = connect_links(household.stack).make("waiting", "")
    # A function caches the keys for a minute.
    assert eventually(lambda: household.open(of_the_new_key).status == 200)
    on_its_way = household.inbox.of("waiting", "reconsent_required")[0]["connect_url"]
    assert household.open(str(on_its_way)).heading == "Connect Microsoft Advertising"
