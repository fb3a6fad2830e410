"""The signing key is rotated while links are on their way: it was, when this stack was some minutes younger."""

from local.links import connect_links
from local.patience import eventually
from tests.flows.household import Household

KEPT_SECONDS = 75
"""A function keeps the keys that it read for a minute."""


def test_a_link_of_the_new_key_works_and_one_that_was_on_its_way_still_does(household: Household) -> None:
    of_the_new_key = connect_links(household.stack).make("waiting", "")
    assert eventually(lambda: household.open(of_the_new_key).status == 200 or None, KEPT_SECONDS)
    on_its_way = household.inbox.of("waiting", "reconsent_required")[0]["connect_url"]
    assert household.open(str(on_its_way)).heading == "Connect Microsoft Advertising"
