"""The product against the slow re-computation: the same world, told to both, and every table compared row by row, column by column."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies

from genesys_crm_assets import catalogue, definitions
from genesys_crm_assets.audit import link_expectation
from genesys_crm_assets.dimensions import salesforce_account, salesforce_case, salesforce_contact, salesforce_user
from genesys_crm_assets.facts import (
    anonymous_interactions,
    customer_interactions,
    interaction_links,
    quarantine_interactions,
    queue_activity,
)
from genesys_crm_assets.lake.body import Day
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.lake.warehouse import Warehouse
from genesys_crm_assets.staging import conversation, conversation_columns, genesys_metrics, genesys_tellings
from genesys_crm_assets_tests import running, told_worlds
from genesys_crm_assets_tests.lakes import Row, SmallLake
from genesys_crm_assets_tests.oracle import audit
from genesys_crm_assets_tests.oracle.conversations import Words, metrics
from genesys_crm_assets_tests.oracle.shape import examine
from genesys_crm_assets_tests.oracle.values import midnight
from genesys_crm_assets_tests.oracle.world import World, draw_world, tables, worlds
from genesys_crm_assets_tests.told_worlds import CRM, DAY

STORED = (
    genesys_tellings.TABLE,
    genesys_tellings.QUARANTINE,
    genesys_metrics.TABLE,
    queue_activity.TABLE,
    salesforce_case.TABLE,
    salesforce_account.TABLE,
    salesforce_contact.TABLE,
    salesforce_user.TABLE,
    interaction_links.TABLE,
    customer_interactions.TABLE,
    anonymous_interactions.TABLE,
    quarantine_interactions.TABLE,
)
WORDS_FOR_PEOPLE = {"quarantine_records": ("detail",), "quarantine_interactions": ("detail",)}
"""Columns that say in words what the others say; the re-computation does not repeat them."""


def expected(world: World) -> dict[str, list[Row]]:
    """What must come of a world, with the names and the day that the product's tables have."""
    found = tables(world)
    days = {row["conversation_id"]: row["conversation_start"].date() for row in found["staging_genesys_metrics"]}
    for row in found["staging_genesys_metrics"]:
        row["day_utc"] = days[row["conversation_id"]]
    for row in found["interaction_links"]:
        row["day_utc"] = days[row["interaction_id"]]
    found["staging_genesys_tellings"] = [as_stored(row) for row in world.tellings]
    found["quarantine_records"] = [as_stored(row) for row in found["quarantine_records"]]
    return found


def as_stored(told: Row) -> Row:
    """A record told, under the product's names: its raw day is the table's day, positions count from 1."""
    row = {**told, "day_utc": told["raw_day"], "position": told["position"] + 1, "record": told["record"].encode()}
    return {name: value for name, value in row.items() if name != "raw_day"}


def shown(table: Table, rows: Iterable[Row]) -> list[Row]:
    """The product's rows without who built them when and without words for people; times say that they are UTC."""
    left_out = {"loaded_at", "run_id", *WORDS_FOR_PEOPLE.get(table.name, ())}
    found = [{name: told_worlds.aware(value) for name, value in row.items() if name not in left_out} for row in rows]
    for row in found if table is interaction_links.TABLE else ():
        row["reasons"] = [{"reason": each["reason"], "told_id": each["told_id"]} for each in row["reasons"]]
    return found


def differences(name: str, key: tuple[str, ...], ours: list[Row], theirs: list[Row]) -> list[str]:
    """Every row and column in which the product and the re-computation differ, as text."""
    mine, other = by_key(name, key, ours), by_key(name, key, theirs)
    found = [f"{name} {one}: only the product has it" for one in mine.keys() - other.keys()]
    found += [f"{name} {one}: only the re-computation has it" for one in other.keys() - mine.keys()]
    for one in mine.keys() & other.keys():
        for column in sorted(mine[one].keys() | other[one].keys()):
            left, right = mine[one].get(column, "no such column"), other[one].get(column, "no such column")
            if left != right:
                found.append(f"{name} {one} {column}: {left!r}, re-computed {right!r}")
    return sorted(found)


def by_key(name: str, key: tuple[str, ...], rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    found = {tuple(row[column] for column in key): row for row in rows}
    assert len(found) == len(rows), f"{name}: two rows share a key"
    return found


def stored_differences(lake: SmallLake, wanted: dict[str, list[Row]]) -> list[str]:
    """Over all tables that the re-computation has."""
    found = []
    for table in STORED:
        key = (*table.key, "day_utc") if table.daily else table.key
        found += differences(table.name, key, shown(table, lake.rows(table)), wanted[table.name])
    return found


def made_of(world: World, root: Path, rng: random.Random, *, first_half: bool = False) -> SmallLake:
    """The product's tables of a world; where asked, a part of what was told on each day was landed and built before."""
    lake = told_worlds.open_lake(root, world.settings, world.words, world.days[0])
    told_worlds.land_crm(world, lake, rng)
    if first_half:
        told_worlds.land_conversations(world, lake, rng, [each for each in world.told if rng.random() < 0.5])
    told_worlds.land_conversations(world, lake, rng)
    return lake


Made = tuple[World, SmallLake, dict[str, list[Row]]]


@pytest.fixture(scope="module", params=[2026, 63], ids=lambda seed: f"seed {seed}")
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A world whose CRM was at last read to its end, the product's tables of it, built in pieces, and what they must be."""
    world = draw_world(random.Random(request.param), 50)
    after = midnight(world.days[-1]) + 30 * DAY
    world = replace(world, history_reads=(*world.history_reads, {"day": None, "read_at": after, "read_until": after}))
    lake = made_of(world, tmp_path_factory.mktemp("world"), random.Random(request.param), first_half=True)
    return world, lake, expected(world)


@pytest.mark.shows(
    *("S0-32", "S0-34", "S0-41", "S0-49", "S0-50", "S0-51", "S0-53", "S0-55", "S0-56", "S0-57", "S0-58", "S0-59", "S0-60", "S0-61"),
    *("S0-79", "S1-9", "S1-10", "S1-12", "S1-13", "S1-15", "S1-19", "S1-20", "S1-21", "S1-25", "S2-43"),
)
def test_every_stored_table_says_what_the_slow_recomputation_says(made: Made):
    """The rules of §6.1 to §6.5 and §6.7; days landed in any order, some twice, and only what lagged built again."""
    _, lake, wanted = made
    assert stored_differences(lake, wanted) == []
    assert min(len(wanted[table.name]) for table in STORED) > 0


@pytest.mark.parametrize("part", CRM)
def test_every_change_told_of_the_crm_is_staged_once_and_typed(made: Made, part: str):
    """A record read twice, by the baseline and by its day, may stand in both; it is one change."""
    world, lake, _ = made
    _, _, table, _ = CRM[part]
    columns = [column.name for column in table.columns if column.name not in ("received_at", "record_sha256")]
    staged = {tuple(repr(row[name]) for name in columns) for row in shown(table, lake.rows(table))}
    assert staged == {tuple(repr({"is_deleted": False, **row}.get(name)) for name in columns) for row in getattr(world, part)}


def test_what_to_expect_of_the_blind_rules_is_counted_as_the_recomputation_counts_it(made: Made):
    """§6.3: the linking audits itself."""
    _, lake, wanted = made
    with lake.sight.session(link_expectation.BODY.reads, Day(lake.first_day)) as engine:
        ours = running.dicts(engine.execute(link_expectation.BODY.sql or ""))
    theirs = audit.link_expectation(wanted["interaction_links"], lambda link: link["day_utc"])
    assert differences(link_expectation.TABLE.name, link_expectation.TABLE.key, ours, theirs) == []
    assert theirs


@pytest.mark.shows("S1-26")
def test_escalations_by_tier_are_those_of_the_recomputation(made: Made, tmp_path: Path):
    """§6.8, through the warehouse an analyst opens; which day is final is the product's own word."""
    _, lake, wanted = made
    warehouse = Warehouse(tmp_path / "warehouse.duckdb", lake.storage, catalogue.of(definitions.ROOMS), lake.settings)
    warehouse.refresh()
    with warehouse.open() as reader:
        ours = running.dicts(reader.execute("select * from marts.escalation_by_tier"))
        ((last_final_day,),) = reader.execute("select max(day_utc) from audit.data_status where is_final").fetchall()
    ltv = {row["account_id"]: row["ltv_usd"] for row in wanted["dim_salesforce_account"]}
    interactions = [{**row, "ltv_usd": ltv.get(row["account_id"])} for row in wanted["fact_customer_interactions"]]
    theirs = audit.escalation_by_tier(interactions, last_final_day)
    assert [row["customer_tier"] for row in ours] == [row["customer_tier"] for row in theirs] != []
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(other)


@given(world=worlds(max_size=12))
@settings(max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
def test_any_world_comes_out_as_recomputed(world: World):
    """Two new worlds by every run; a failing one is named by its seed and size."""
    with TemporaryDirectory() as root:
        assert stored_differences(made_of(world, Path(root), random.Random(1)), expected(world)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1040))
def test_forty_worlds_come_out_as_recomputed(seed: int, tmp_path: Path):
    """In some of them the org has no Accounts or no Contacts to read."""
    world = draw_world(random.Random(seed), 40)
    absent = {1: "accounts", 2: "contacts"}.get(seed % 5)
    if absent is not None:
        world = replace(world, **{absent: ()}, settings=replace(world.settings, sources_absent=(absent,)))
    assert stored_differences(made_of(world, tmp_path, random.Random(seed), first_half=True), expected(world)) == []


NASTY: list[Any] = [
    *(None, True, False, 0, 1, -1, 5.0, 1.5, 2**53, 2**63, "", "x", "5", "true", "TRUE", [], {}, [None], [[]], {"a": None}),
    *("2026-01-05T10:00:00Z", "2026-01-05T10:00:00.123456789Z", "2026-01-05T10:00:00+0000", "2026-01-06T00:00:00+00:30", "2026-01-05"),
    *("2026-01-05T10:00:00", "2026-01-05T10:00:00.1Z", "2026-01-05T23:59:60Z", "2026-02-30T00:00:00Z", "2026-01-05T10:00:00Z "),
    *("tel:+12025550101", "TEL:", "sip:x", "sips:a@b", "a@b@c", "Zoë@Example.com", "+1 202 555 0101 x7", "\u0000"),
]
"""Values of every type; times as Genesys tells them or as nobody does."""


@given(seed=strategies.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None, phases=[Phase.generate])
@pytest.mark.shows("S2-43")
def test_any_value_in_any_place_of_a_record_is_staged_or_set_aside_alike(seed: int):
    """Whether a record can be staged, for which reason not, and every column of one that can."""
    rng = random.Random(seed)
    words = conversation_columns.Words("sfCaseId", "sfAccountId", "sfContactId", "escalated", "true", "botHandled", "true", "US")
    for telling in draw_world(rng, 3).told:
        for record in (spoilt(rng, json.loads(telling["record"])) for _ in range(10)):
            text = json.dumps(record).encode()
            found = conversation.examine(text, telling["raw_day"])
            reason = found.reason if isinstance(found, conversation.Rejection) else None
            assert (reason, record) == (examine(text, telling["raw_day"]), record)
            if reason is None:
                ours = told_worlds.aware(conversation_columns.columns_of(conversation.decode(text), words))
                assert ours == metrics(record, Words())


def spoilt(rng: random.Random, record: Any) -> Any:
    """The record with one to three values replaced, taken away or added."""
    for _ in range(rng.choice([1, 1, 2, 3])):
        places = list(inside(record))
        if places:
            container, key = rng.choice(places)
            kind = rng.choice(["put", "put", "put", "take", "add"])
            if kind == "take" and isinstance(container, dict):
                del container[key]
            elif kind == "add" and isinstance(container, list):
                container.insert(key, rng.choice(NASTY))
            else:
                container[key] = rng.choice(NASTY)
            record = json.loads(json.dumps(record))
    return record


def inside(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container within a JSON value with every key of it."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from inside(each)
