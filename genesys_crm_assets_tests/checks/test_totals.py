"""Totals that agree pass, totals that differ fail, and totals that were never compared are not called right."""

from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from genesys_crm_assets.checks import totals as checks
from genesys_crm_assets_tests.audit.days import READ_AT, Days, totals
from genesys_crm_assets_tests.checks.test_currency import lake_over

BOTH = pytest.mark.parametrize("check", [checks.totals_agree_with_genesys, checks.cases_agree_with_salesforce])


def _found(check: dg.AssetChecksDefinition, days: Days) -> tuple[bool, dg.AssetCheckSeverity, int]:
    lake = lake_over(days.root)
    assert days.lake.storage.root == lake.storage.root
    result = check(lake)
    return result.passed, result.severity, result.metadata["days_compared"].value


@BOTH
def test_totals_that_agree_pass(check: dg.AssetChecksDefinition, tmp_path: Path):
    assert _found(check, Days(tmp_path)) == (True, dg.AssetCheckSeverity.ERROR, 1)


@pytest.mark.shows("S0-65")
@BOTH
def test_totals_that_differ_fail(check: dg.AssetChecksDefinition, tmp_path: Path):
    wrong = Days(tmp_path, totals=[totals(nOffered=(10, None))], counted=(7, 0))
    assert _found(check, wrong) == (False, dg.AssetCheckSeverity.ERROR, 1)


@BOTH
def test_days_that_were_landed_and_not_compared_are_warned_of(check: dg.AssetChecksDefinition, tmp_path: Path):
    """A check that compared nothing has found nothing."""
    provisional = Days(tmp_path, until=READ_AT - timedelta(days=3))
    assert _found(check, provisional) == (False, dg.AssetCheckSeverity.WARN, 0)


@BOTH
def test_an_empty_lake_is_not_warned_of(check: dg.AssetChecksDefinition, tmp_path: Path):
    assert check(lake_over(tmp_path)).passed
