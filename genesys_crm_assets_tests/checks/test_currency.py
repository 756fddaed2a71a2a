"""Every table whose objects say what they were built from is watched, by the checks and by the view alike."""

from pathlib import Path

import dagster as dg
import duckdb

from genesys_crm_assets import definitions
from genesys_crm_assets.audit import data_status
from genesys_crm_assets.checks import currency
from genesys_crm_assets.raw import salesforce
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.staging import salesforce_cases
from genesys_crm_assets_tests import lakes
from genesys_crm_assets_tests.audit.days import FIRST, READ_AT, Days


def lake_over(root: Path) -> Lake:
    """The lake of the checks over a small lake's folder."""
    return definitions.lake_of({"LAKE_URL": str(root / "lake"), "STATE_DIR": str(root), "WAREHOUSE_PATH": str(root / "warehouse.duckdb")})


def test_whatever_follows_something_is_watched():
    watched = {table.name for table, _ in currency.FOLLOWERS}
    assert watched == {table.name for table, body in lake_over(Path("/tmp")).catalogue.entries if body.follows and table.daily}  # noqa: S108 - never written
    assert {"staging_salesforce_cases", "reconciliation", "staging_genesys_metrics"} <= watched


def test_the_view_knows_the_same_tables_and_what_they_follow():
    """It is SQL and cannot ask the bodies; marts, which read it, come after it."""
    follows = dict(data_status.BODY.steps)["follows"]
    followers = [(table, body) for table, body in currency.FOLLOWERS if table.layer != "marts"]
    bodies = {(table.name, followed.name) for table, body in followers for followed in body.follows}
    with duckdb.connect(":memory:") as engine:
        assert set(engine.execute(follows).fetchall()) == bodies


def test_a_table_that_lags_is_warned_of_until_it_is_rebuilt(tmp_path: Path):
    days = Days(tmp_path)
    days.lake.land(salesforce.CASES, FIRST, [], lakes.readings((True, READ_AT, READ_AT), (True, READ_AT, READ_AT)))
    (check,) = (one for one in currency.CHECKS if next(iter(one.check_keys)).asset_key.to_user_string() == salesforce_cases.TABLE.name)
    found = check(lake_over(tmp_path))
    assert isinstance(found, dg.AssetCheckResult)
    assert (found.passed, found.severity, found.metadata["first_days"].value) == (False, dg.AssetCheckSeverity.WARN, FIRST.isoformat())
    days.lake.build(salesforce_cases.TABLE, salesforce_cases.BODY, FIRST)
    assert check(lake_over(tmp_path)).passed
