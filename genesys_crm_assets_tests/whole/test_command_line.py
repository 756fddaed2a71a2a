"""Dagster's own commands, from a folder that has nothing to do with ours, told everything by environment variables (§5.1)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from genesys_crm_assets.sandbox.server import Sandbox
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import House

CHECKOUT = Path(__file__).parents[2]
DAGSTER = Path(sys.executable).with_name("dagster")
_MODULE = ("-m", "genesys_crm_assets.definitions")
_SECONDS = 300


def told(lake: House) -> dict[str, str]:
    """The whole environment of a command: how to find programs, where things lie, and the vendors as far as the house knows them."""
    home = lake.folder / "home"
    home.mkdir()
    shutil.copy(CHECKOUT / "dagster.yaml", home)
    (lake.folder / "state").mkdir()
    return {"PATH": os.environ["PATH"], "HOME": str(lake.folder), "DAGSTER_HOME": str(home), **lake.told()}


def dagster(lake: House, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    elsewhere = lake.folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    return subprocess.run(  # noqa: S603 - our own commands
        [DAGSTER, *words, *_MODULE], env=environment, cwd=elsewhere, capture_output=True, text=True, timeout=_SECONDS, check=False
    )


def materialised(environment: dict[str, str], table: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("STATE_DIR", environment["STATE_DIR"])
    with dg.DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
        return sorted(instance.get_materialized_partitions(dg.AssetKey(table)))


@pytest.mark.shows("S0-6", "S0-11", "S0-12", "S0-13", "S2-18")
def test_a_range_of_everything_from_another_folder_is_the_same_lake_and_says_nothing_personal(
    empty: House, undisturbed: House, vendors: Sandbox, monkeypatch: pytest.MonkeyPatch
):
    """`dagster asset materialize --select "*" --partition-range`, against vendors on whatever ports were free."""
    environment = told(empty)
    span = f"{house.FIRST}...{house.SECOND}"
    done = dagster(empty, environment, "asset", "materialize", "--select", "*", "--partition-range", span)
    assert done.returncode == 0, done.stderr[-3000:]
    assert empty.dumps() == undisturbed.dumps()
    for table in ("raw_genesys_interactions", "quarantine_records", "fact_customer_interactions", "reconciliation"):
        assert materialised(environment, table, monkeypatch) == [f"{house.FIRST}", f"{house.SECOND}"]
    secrets = {vendors.plan.genesys_client_secret, vendors.plan.salesforce_client_secret, *house.tokens(vendors)}
    said = done.stdout + done.stderr
    assert house.found(empty.folder / "state", said, {"fact_customer_interactions"}), "the search finds what is there"
    assert not house.found(empty.folder / "state", said, secrets | house.personal(empty))
    assert not list((empty.folder / "elsewhere").iterdir())


@pytest.mark.slow
@pytest.mark.shows("S0-6", "S0-14", "S0-62")
def test_one_day_of_everything_from_another_folder(empty: House, undisturbed: House, monkeypatch: pytest.MonkeyPatch):
    """`--partition`: yesterday only, in an empty lake, with the baseline of the CRM landed first and shown as its own day."""
    environment = told(empty)
    done = dagster(empty, environment, "asset", "materialize", "--select", "*", "--partition", f"{house.SECOND}")
    assert done.returncode == 0, done.stderr[-3000:]
    assert materialised(environment, "interaction_links", monkeypatch) == [f"{house.SECOND}"]
    assert materialised(environment, "raw_salesforce_cases", monkeypatch) == [f"{house.FIRST}", f"{house.SECOND}"]
    assert house.links(empty, house.SECOND) == house.links(undisturbed, house.SECOND)


@pytest.mark.shows("S0-6")
def test_definitions_load_without_one_variable_of_a_vendor(tmp_path: Path):
    """`dagster definitions validate`: nothing is read, asked or written when the graph is loaded."""
    nobody = House(tmp_path)
    environment = told(nobody)
    assert not [name for name in environment if name.startswith(("SALESFORCE_URL", "SALESFORCE_CLIENT", "GENESYS_CLIENT", "GENESYS_API"))]
    done = dagster(nobody, environment, "definitions", "validate")
    assert done.returncode == 0, done.stderr[-3000:]
    assert not (tmp_path / "lake").exists()
    assert not (tmp_path / "warehouse.duckdb").exists()


@pytest.mark.slow
@pytest.mark.shows("S0-6")
def test_assets_are_listed_from_another_folder(tmp_path: Path):
    nobody = House(tmp_path)
    done = dagster(nobody, told(nobody), "asset", "list")
    assert done.returncode == 0, done.stderr[-3000:]
    assert {"raw_genesys_interactions", "fact_customer_interactions", "unified_interactions"} <= set(done.stdout.split())
