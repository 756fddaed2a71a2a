"""Only yesterday, in an empty lake: the CRM is whole from the first run on, so its links are those of the whole range (§4, S0-62)."""

import pytest

from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import House


@pytest.mark.shows("S0-14", "S0-62")
def test_yesterday_alone_gives_the_links_that_the_whole_range_gives(empty: House, undisturbed: House):
    """Interactions whose winning telling is the same have the very same link, column by column."""
    alone = empty.run([house.SECOND])
    assert alone.success, alone.reasons
    yesterday, whole = house.links(empty, house.SECOND), house.links(undisturbed, house.SECOND)
    shared = [key for key in yesterday if key in whole and yesterday[key][-1] == whole[key][-1]]
    assert len(shared) > house.PLAN.per_day / 2
    assert {key: yesterday[key] for key in shared} == {key: whole[key] for key in shared}
    assert any("case_attribute" in row for row in yesterday.values())
    assert any("open_case" in row for row in yesterday.values())
