"""Replay: everything after raw is rebuilt from raw, without vendors and without their variables, and says the same (P4)."""

import os
from pathlib import Path

import pytest

from genesys_crm_assets.settings import VARIABLES
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import House

DAYS = [house.FIRST, house.SECOND]


@pytest.fixture
def raw_alone(undisturbed: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """The raw folder of the undisturbed lake in another place, and not one variable of a vendor."""
    for variable in VARIABLES:
        if variable.name.startswith(("GENESYS", "SALESFORCE")):
            monkeypatch.delenv(variable.name, raising=False)
    lake = undisturbed.copied(tmp_path, "raw")
    assert not [name for name in (*lake.variables, *os.environ) if name.startswith(("GENESYS", "SALESFORCE"))]
    return lake


@pytest.mark.shows("S0-13", "S0-15", "S0-33", "S2-46")
def test_everything_after_raw_is_rebuilt_without_vendors_and_says_the_same(raw_alone: House, undisturbed: House):
    rebuilt = raw_alone.run(DAYS, house.after_raw())
    assert rebuilt.success, rebuilt.reasons
    assert raw_alone.dumps() == undisturbed.dumps()
    assert raw_alone.objects("raw") == undisturbed.objects("raw")


@pytest.mark.slow
@pytest.mark.shows("S0-33", "S1-25")
def test_days_rebuilt_one_by_one_from_the_last_to_the_first_say_the_same(raw_alone: House, undisturbed: House):
    """Any order of days: what a day could not know yet is built again when the day it needs is there."""
    for day in reversed(DAYS):
        rebuilt = raw_alone.run([day], house.after_raw())
        assert rebuilt.success, rebuilt.reasons
    assert raw_alone.dumps() == undisturbed.dumps()
