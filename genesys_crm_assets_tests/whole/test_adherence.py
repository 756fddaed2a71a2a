"""From the listing of management units to the fact, over the sandbox: what it tells, and what nobody may read anywhere."""

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from genesys_crm_assets.sandbox.server import running
from genesys_crm_assets_tests.whole import house

DAYS = (house.FIRST, house.SECOND)
TABLES = ("raw_genesys_reference", "raw_genesys_adherence", "fact_agent_adherence")


def told(lake: house.House) -> dict[tuple[Any, str], tuple[Any, ...]]:
    """Every agent's figures by day, read from the raw bodies in plain Python; in the sandbox every agent is in one unit."""
    found = {}
    for day, body in lake.rows("select day_utc, body from raw.raw_genesys_adherence"):
        for user in json.loads(body)["userResults"]:
            (metrics,) = user["dayMetrics"]
            names = ("adherencePercentage", "conformanceActualSeconds", "exceptionDurationSeconds", "impactSeconds")
            found[day, user["userId"]] = tuple(metrics[name] for name in names)
    return found


@pytest.mark.shows("S1-1")
def test_every_agent_told_of_is_in_the_fact_and_no_signature_anywhere(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """P8: neither the lake, nor state, nor a log at its most talkative."""
    caplog.set_level(logging.DEBUG)
    with running(house.PLAN) as vendors:
        lake = house.of(tmp_path, vendors)
        ran = lake.run(DAYS, TABLES)
        assert ran.success, ran.reasons
        columns = "adherence_percentage, conformance_actual_seconds, exception_seconds, impact_seconds"
        facts = lake.rows(f"select day_utc, agent_id, {columns} from facts.fact_agent_adherence")
        assert {(row[0], row[1]): row[2:] for row in facts} == told(lake)
        assert len(facts) > len(DAYS)
        assert "/adherence-results/" in caplog.text
        assert house.found(tmp_path, caplog.text, {"X-Amz-Signature", *house.tokens(vendors)}) == []


def test_an_org_without_workforce_management_says_so_or_is_told_what_to_say(tmp_path: Path):
    with running(replace(house.PLAN, absent=("adherence",))) as vendors:
        lake = house.of(tmp_path, vendors)
        refused = lake.run(DAYS, TABLES)
        assert not refused.success
        assert "name adherence in SOURCES_ABSENT" in refused.reasons
        declared = replace(lake, variables={**lake.variables, "SOURCES_ABSENT": "adherence"})
        ran = declared.run(DAYS, TABLES)
        assert ran.success, ran.reasons
        assert declared.rows("select count(*) from facts.fact_agent_adherence") == [(0,)]
