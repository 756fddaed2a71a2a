"""A past day matched again by run configuration, without a deployment (§6.3)."""

from pathlib import Path

import pytest

from genesys_crm_assets.lake import parquet
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import House


@pytest.mark.shows("S0-56")
def test_a_run_may_match_a_day_by_other_rules_and_its_object_says_so(undisturbed: House, tmp_path: Path):
    """Only told cases link in that run; the configured rules come back with the next one."""
    lake = undisturbed.copied(tmp_path / "again", "raw", "staging", "dimensions", "facts")
    before = house.links(undisturbed, house.FIRST)
    ops = {"interaction_links": {"config": {"match_rules": ["case_attribute"], "match_tolerance_minutes": 5}}}
    assert lake.run([house.FIRST], ["interaction_links"], ops=ops, looks_back=False).success
    rules = {row[0] for row in lake.rows(f"select distinct case_match_rule from facts.interaction_links where day_utc = '{house.FIRST}'")}
    assert rules <= {"case_attribute", None}
    papers = parquet.papers(lake.lake().storage.url(house.key("interaction_links", house.FIRST, "facts")))
    assert papers.get("told") == '{"MATCH_RULES": "case_attribute", "MATCH_TOLERANCE_MINUTES": "5"}'
    assert lake.run([house.FIRST], ["interaction_links"], looks_back=False).success
    assert house.links(lake, house.FIRST) == before
