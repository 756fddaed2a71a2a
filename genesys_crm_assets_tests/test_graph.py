"""The graph as Dagster sees it: what is written is loaded, and every asset says what it is."""

import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from genesys_crm_assets import catalogue, graph, partitions
from genesys_crm_assets.definitions import ROOMS, build_defs
from genesys_crm_assets.lake.body import Body, Read
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets_tests import graph as drawn
from genesys_crm_assets_tests.lake.toys import ADD_UP, BUYERS, ORDERS, TAKINGS

ROOT = Path(__file__).parent.parent
DEFS = build_defs()
SPECS = {spec.key.to_user_string(): spec for spec in DEFS.resolve_all_asset_specs()}
TABLES = {table.name: table for table, _ in catalogue.of(ROOMS).entries}
BARE = """
import socket
class Forbidden(socket.socket):
    def connect(self, *_):
        raise AssertionError("a connection at import")
    bind = connect_ex = connect
socket.socket = Forbidden
import os
before = dict(os.environ)
from genesys_crm_assets.definitions import defs
assert dict(os.environ) == before, "the environment was changed"
print(len(list(defs.resolve_all_asset_specs())))
"""

every_asset = pytest.mark.parametrize("name", sorted(SPECS))
"""A test for each asset, so that the one that fails is named."""


@pytest.mark.shows("S0-6")
def test_the_graph_loads_without_a_secret_without_a_network_and_without_leaving_a_trace(tmp_path: Path):
    """Nothing happens at import: no variable set, no connection made, no file written (STYLE)."""
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(tmp_path)}
    ended = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-W", "ignore", "-c", BARE], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) == len(SPECS)
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_is_loaded():
    """An asset in a room that the composition forgot would never be materialised, and nobody would notice."""
    written = {
        key.to_user_string()
        for room in ROOMS
        for module in catalogue.modules(room)
        for value in vars(module).values()
        if isinstance(value, dg.AssetsDefinition)
        for key in value.keys
    }
    contracts = {
        value.name for room in ROOMS for module in catalogue.modules(room) for value in vars(module).values() if isinstance(value, Table)
    }
    assert written == set(SPECS) == set(TABLES)
    assert contracts == set(TABLES)


def test_every_room_on_disk_is_composed():
    """A folder with assets that `definitions` does not name would sleep."""
    package = ROOT / "genesys_crm_assets"
    with_assets = {
        path.parent.name
        for path in package.glob("*/*.py")
        if re.search(r"^@(graph|dg)\.(multi_)?asset\b", path.read_text("utf-8"), re.MULTILINE)
    }
    assert with_assets == {room.__name__.rpartition(".")[2] for room in ROOMS}


@pytest.mark.shows("S0-12", "S0-13", "S0-45")
def test_the_graph_is_as_it_was_reviewed():
    """Two spokes that meet in the links, and nothing read from a vendor but by raw; a change of it shows in the difference."""
    written = (ROOT / "docs" / "graph.txt").read_text(encoding="utf-8")
    assert drawn.text(DEFS) == written, "run `python -m genesys_crm_assets_tests.graph > docs/graph.txt` and review the difference"


@pytest.mark.shows("S0-12", "S0-15")
def test_the_vendors_meet_in_the_links_and_not_before():
    """Hub and spoke: no join at extraction, and neither vendor waits for the other. The calendar is neither's."""

    def vendors(name: str) -> set[str]:
        told = {"genesys" if "genesys" in name else "salesforce"} if name.startswith("raw_") else set()
        return told.union(*(vendors(dep.asset_key.to_user_string()) for dep in SPECS[name].deps))

    for name, spec in SPECS.items():
        if spec.group_name in ("raw", "staging", "dimensions"):
            assert len(vendors(name)) == (0 if name == "dim_date" else 1), name
    assert vendors("interaction_links") == {"genesys", "salesforce"}


@pytest.mark.shows("S0-11")
def test_only_raw_speaks_to_a_vendor():
    """What analysts read was landed before: no view and no mart asks an API."""
    for definition in DEFS.resolve_asset_graph().assets_defs:
        needed = set(definition.required_resource_keys)
        for key in definition.keys:
            speaks = bool(needed & {"genesys", "salesforce"})
            assert speaks == (SPECS[key.to_user_string()].group_name == "raw"), key


@every_asset
def test_every_asset_has_its_layer_its_owner_and_its_kinds(name: str):
    spec = SPECS[name]
    assert spec.group_name == TABLES[name].layer
    assert list(spec.owners) == ["team:data-engineering"]
    assert spec.kinds


@every_asset
def test_every_asset_says_what_one_row_is_whence_it_comes_and_what_not_to_do_with_it(name: str):
    """Grain first, then source, what is absent, and the hazard: three sentences at the least, and no heading."""
    description = SPECS[name].description or ""
    sentences = re.findall(r"[^.]+[.](?=\s|$)", description)
    assert len(sentences) >= 3, description
    assert description.startswith("One row"), description
    assert re.search(r"\b(absent|[Dd]o not|never|No )\b", description), description


@every_asset
def test_every_asset_knows_its_name_in_the_warehouse_and_its_grain_before_it_is_run(name: str):
    metadata = SPECS[name].metadata
    assert metadata["dagster/table_name"] == f"{TABLES[name].layer}.{name}"
    assert metadata["one row per"]


@every_asset
def test_every_column_of_every_asset_is_described(name: str):
    """STYLE: documented columns equal materialised columns."""
    schema = SPECS[name].metadata["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchema)
    assert [column.name for column in schema.columns if not (column.description or "").strip().endswith((".", "`", ")"))] == []
    assert [column.name for column in schema.columns if column.type != column.type.lower()] == []
    stored = [column.name for column in TABLES[name].all_columns]
    assert [column.name for column in schema.columns][: len(stored)] == stored


@every_asset
def test_every_asset_can_be_asked_for_a_range(name: str):
    """`--partition-range` is refused unless every selected asset, the unpartitioned too, runs a range in one run."""
    definition = DEFS.resolve_asset_graph().get(dg.AssetKey(name)).assets_def
    assert definition.backfill_policy == dg.BackfillPolicy.single_run()
    assert definition.specs_by_key[dg.AssetKey(name)].partitions_def in (None, partitions.DAILY)


@every_asset
def test_every_stored_asset_proves_its_columns_and_its_keys_before_it_replaces_an_object(name: str):
    checks = {key.name for key in DEFS.resolve_asset_graph().get(dg.AssetKey(name)).check_keys}
    assert not TABLES[name].stored or {"columns_are_as_contracted", "keys_are_unique"} <= checks


@every_asset
def test_column_lineage_names_columns_that_exist(name: str):
    lineage = SPECS[name].metadata["dagster/column_lineage"]
    assert isinstance(lineage, dg.TableColumnLineage)
    for column, deps in lineage.deps_by_column.items():
        for dep in deps:
            upstream = TABLES[dep.asset_key.to_user_string()]
            assert dep.column_name in {one.name for one in (*upstream.all_columns, *_path(upstream))}, (column, dep)


def _path(table: Table) -> tuple[dg.TableColumn, ...]:
    return (dg.TableColumn("day_utc"),) if table.daily else ()


PERSONAL = re.compile(r"(^|_)(e?mails?|phones?|address|owner_current|account_owner)($|_)|^(record|body|agent_name|account_owner)$")


@pytest.mark.shows("S2-18")
@every_asset
def test_columns_that_may_hold_personal_data_say_so(name: str):
    """P8: previews mask what a contract marks; a column that is not marked is shown."""
    unmarked = [column.name for column in TABLES[name].all_columns if PERSONAL.search(column.name) and not column.personal]
    assert [column for column in unmarked if not column.startswith("attribute_") and TABLES[name].name != "settings"] == []


@pytest.mark.shows("S0-78")
def test_no_key_and_no_partition_depends_on_who_the_customer_was():
    """An adapter that disconnects nulls the customer's id; a row must not move or vanish for it."""
    of_the_customers_themselves = {"staging_genesys_external_contacts"}
    for table in TABLES.values():
        assert table.name in of_the_customers_themselves or not {"external_contact_id", "crm_customer_key"} & set(table.key)
    calendars = {spec.partitions_def for spec in SPECS.values()} - {None}
    assert calendars == {partitions.DAILY}


@pytest.mark.shows("S0-17")
def test_there_is_one_calendar_and_it_is_utc():
    assert partitions.DAILY.timezone == "UTC"
    assert partitions.DAILY.start.date() == partitions.START_DATE
    assert partitions.DAILY.end_offset == 1
    assert partitions.DAILY.hour_offset == partitions.DAILY.minute_offset == 0


UNSTAGED = ("dim_product_release", "fact_agent_adherence")
"""§3.1 has no staging between these and raw: a short list told in the org's own words, and rows that come one per agent and day already."""


@pytest.mark.shows("S0-46")
def test_staging_reads_raw_and_marts_read_neither():
    """Denormalising happens in facts and marts only, and a vendor's drift stops at staging."""
    for name, spec in SPECS.items():
        layers = {SPECS[dep.asset_key.to_user_string()].group_name for dep in spec.deps}
        if spec.group_name == "staging":
            assert layers <= {"raw", "staging"}, name
        if spec.group_name in ("dimensions", "facts", "marts") and name not in UNSTAGED:
            assert "raw" not in layers, name
        if spec.group_name == "marts":
            assert layers <= {"facts", "dimensions", "audit", "marts"}, name


def test_what_a_contract_says_is_what_dagster_shows():
    said = graph.described(TAKINGS, ADD_UP)
    assert said["group_name"] == "facts"
    assert said["owners"] == ["team:data-engineering"]
    assert said["kinds"] == {"duckdb", "parquet"}
    assert said["partitions_def"] is partitions.DAILY
    assert said["backfill_policy"] == dg.BackfillPolicy.single_run()
    assert said["metadata"]["dagster/table_name"] == "facts.fact_takings"
    assert said["metadata"]["one row per"] == "currency"
    names = [column.name for column in said["metadata"]["dagster/column_schema"].columns]
    assert names == ["currency", "cents", "loaded_at", "run_id", "day_utc"]
    assert {spec.name for spec in said["check_specs"]} == {"columns_are_as_contracted", "keys_are_unique", "takings_are_not_negative"}
    assert all(spec.blocking for spec in said["check_specs"])
    assert graph.described(BUYERS, Body(reads=()))["partitions_def"] is None


def test_columns_of_the_same_name_are_lineage_unless_the_contract_says_more():
    found = graph.lineage(TAKINGS, ADD_UP).deps_by_column
    assert [(dep.asset_key.to_user_string(), dep.column_name) for dep in found["cents"]] == [("staging_orders", "cents")]
    assert found["currency"] == []


@pytest.mark.parametrize(
    ("read", "mapping"),
    [
        (Read(ORDERS), None),
        (Read(ORDERS, "around", before=2, after=1), dg.TimeWindowPartitionMapping),
        (Read(ORDERS, "onward"), dg.AllPartitionMapping),
        (Read(ORDERS, "all"), dg.AllPartitionMapping),
        (Read(BUYERS, "all"), None),
    ],
)
def test_an_edge_of_the_graph_says_which_days_it_touches(read: Read, mapping: type | None):
    found = graph.dependency(read).partition_mapping
    assert found is None if mapping is None else isinstance(found, mapping)
