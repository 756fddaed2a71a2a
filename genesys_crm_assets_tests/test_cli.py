"""What the demo may clear away, what it must leave alone, and how commands refuse."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from genesys_crm_assets import cli
from genesys_crm_assets_tests.lake.toys import FIRST, NOW, ORDERS, ToyLake

ROOT = Path(__file__).parent.parent


def _landed(home: Path, clock: str) -> Path:
    toys = ToyLake(home / "data")
    raw = replace(ORDERS, layer="raw", name="raw_orders", columns=ORDERS.columns)
    made = toys.orders_aside(FIRST, ("a", 1), papers={"clock": clock}, now=NOW)
    place = home / "data" / "lake" / "raw" / raw.name / "year=2026" / "month=01" / "day=01" / "raw_orders.parquet"
    place.parent.mkdir(parents=True)
    made.path.rename(place)
    return place


def test_a_sandboxs_lake_makes_room_for_the_next_demo(tmp_path: Path):
    """Its objects say that they were built under a stand-in clock."""
    place = _landed(tmp_path, "2026-01-03T12:00:00+00:00")
    cli._clear(tmp_path)
    assert not place.exists()


def test_an_orgs_lake_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Real days landed into the default folder after a first demo must survive the second."""
    place = _landed(tmp_path, "")
    with pytest.raises(SystemExit):
        cli._clear(tmp_path)
    assert place.exists()
    assert "not a demo's" in " ".join(capsys.readouterr().out.split())


def test_a_start_date_that_is_no_day_is_told_in_a_sentence(tmp_path: Path):
    """It is read at import, deeper than any handler of a command."""
    command = [sys.executable, "-m", "genesys_crm_assets.cli", "rebuild", "dim_date"]
    told = {"START_DATE": "soon", "DAGSTER_HOME": str(ROOT), "STATE_DIR": str(tmp_path)}
    found = subprocess.run(command, env={**os.environ, **told}, capture_output=True, check=False, text=True)  # noqa: S603 - our own command
    assert found.returncode == 1
    assert "START_DATE is 'soon'; write the first daily partition as 2026-01-01" in found.stdout
    assert "Traceback" not in found.stdout + found.stderr
