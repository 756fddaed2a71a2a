"""The product against the slow re-computation: the same world, told to both, and every table compared row by row, column by column."""

import json
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies

from genesys_crm_assets import catalogue, definitions
from genesys_crm_assets.audit import data_status, link_expectation
from genesys_crm_assets.dimensions import (
    genesys_agent,
    genesys_location,
    genesys_queue,
    genesys_skill,
    genesys_team,
    genesys_wrapup_code,
    product_release,
    salesforce_account,
    salesforce_case,
    salesforce_contact,
    salesforce_opportunity,
    salesforce_user,
)
from genesys_crm_assets.facts import (
    agent_adherence,
    anonymous_interactions,
    customer_interactions,
    interaction_links,
    quarantine_interactions,
    queue_activity,
    sessions,
)
from genesys_crm_assets.lake.body import Read
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.lake.warehouse import Catalogue
from genesys_crm_assets.marts import (
    agent_performance,
    bot_containment_by_industry,
    customer_outcomes,
    escalation_by_release,
    escalation_by_tier,
    interaction_volume,
    queue_performance,
    unified_interactions,
)
from genesys_crm_assets.staging import (
    conversation,
    conversation_columns,
    genesys_external_contacts,
    genesys_metrics,
    genesys_reference,
    genesys_sessions,
    genesys_tellings,
)
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
    genesys_sessions.TABLE,
    genesys_external_contacts.TABLE,
    genesys_reference.TABLE,
    queue_activity.TABLE,
    salesforce_case.TABLE,
    salesforce_account.TABLE,
    salesforce_contact.TABLE,
    salesforce_opportunity.TABLE,
    salesforce_user.TABLE,
    genesys_queue.TABLE,
    genesys_agent.TABLE,
    genesys_wrapup_code.TABLE,
    genesys_skill.TABLE,
    genesys_team.TABLE,
    genesys_location.TABLE,
    product_release.TABLE,
    interaction_links.TABLE,
    customer_interactions.TABLE,
    anonymous_interactions.TABLE,
    quarantine_interactions.TABLE,
    sessions.TABLE,
    agent_adherence.TABLE,
    queue_performance.TABLE,
    agent_performance.TABLE,
)
"""Tables with objects, which every world is compared by."""

SHOWN = (
    link_expectation.TABLE,
    unified_interactions.TABLE,
    escalation_by_tier.TABLE,
    escalation_by_release.TABLE,
    bot_containment_by_industry.TABLE,
    interaction_volume.TABLE,
    customer_outcomes.TABLE,
)
"""The warehouse's views, and the table that is made of them; which days are final is the product's own word."""

_FOR_PEOPLE = "says in words what the columns beside it say"
_OF_THE_OBSERVATION = "when the vendor was asked, not what it said (provenance)"
_THE_CALENDARS = "of dim_date, which no world tells"
_OWN_AUDIT = "audits this lake's own pages, papers and totals, of which a world has none; examples and the whole house hold it"

NOT_COMPARED = {
    "loaded_at": "when and by which run a row was built",
    "run_id": "likewise",
    "quarantine_records.detail": _FOR_PEOPLE,
    "quarantine_interactions.detail": _FOR_PEOPLE,
    "interaction_links.reasons.detail": _FOR_PEOPLE,
    "staging_genesys_external_contacts.received_at": _OF_THE_OBSERVATION,
    "staging_genesys_reference.observed_at": _OF_THE_OBSERVATION,
    "staging_genesys_reference.observation": _OF_THE_OBSERVATION,
    "unified_interactions.interaction_timestamp_local": "time zones, in marts/test_interaction_volume.py",
    "unified_interactions.genesys_url": "an address, in marts/test_unified_interactions.py",
    "unified_interactions.case_url": "likewise",
    "unified_interactions.etl_loaded_at": "when a row was built",
    "interaction_volume.fiscal_year": _THE_CALENDARS,
    "interaction_volume.fiscal_quarter": _THE_CALENDARS,
    "interaction_volume.fiscal_month": _THE_CALENDARS,
    **{
        f"staging_salesforce_{part}": "a world is made of its rows; compared by a test of its own, as a set, since it may be told twice"
        for part in told_worlds.CRM
    },
    "dim_date": "a calendar, worked by hand in dimensions/test_date.py",
    "interaction_details": "columns of unified_interactions under other names; worked by hand in marts/test_interaction_details.py",
    "data_status": _OWN_AUDIT,
    "extraction_ledger": _OWN_AUDIT,
    "join_quality": "counts of interaction_links, which is compared whole; by hand in audit/test_join_quality.py",
    "reconciliation": _OWN_AUDIT,
    "settings": "what a lake is told, not what it says",
}
"""All that the product has outside raw and the re-computation has not, by table, column or part of one, each with the reason."""


def house() -> Catalogue:
    """Every table of the product."""
    return catalogue.of(definitions.ROOMS)


def expected(world: World) -> dict[str, list[Row]]:
    """What must come of a world, with the names and the day that the product's tables have."""
    found = tables(world)
    days = {row["conversation_id"]: row["conversation_start"].date() for row in found["staging_genesys_metrics"]}
    for row in found["staging_genesys_metrics"]:
        row["day_utc"] = days[row["conversation_id"]]
    for row in found["interaction_links"]:
        row["day_utc"] = days[row["interaction_id"]]
    for name in ("staging_genesys_sessions", "fact_sessions"):
        found[name] = numbered(found[name])
    found["link_expectation"] = audit.link_expectation(found["interaction_links"], lambda link: link["day_utc"])
    found["staging_genesys_tellings"] = [as_stored(row) for row in world.tellings]
    found["quarantine_records"] = [as_stored(row) for row in found["quarantine_records"]]
    return found


def as_stored(told: Row) -> Row:
    """A record told, under the product's names: its raw day is the table's day, positions count from 1."""
    row = {**told, "day_utc": told["raw_day"], "position": told["position"] + 1, "record": told["record"].encode()}
    return {name: value for name, value in row.items() if name != "raw_day"}


def numbered(told: list[Row]) -> list[Row]:
    """Sessions with their place in their conversation, which is the product's key where ids are absent or told twice."""
    places: Counter[tuple[Any, ...]] = Counter()
    for row in told:
        conversation_of = (row["day_utc"], row["conversation_id"])
        places[conversation_of] += 1
        row["position"] = places[conversation_of]
    return told


def shown(table: Table, rows: Iterable[Row]) -> list[Row]:
    """The product's rows without what is not compared; times say that they are UTC."""
    found = [
        {
            name: told_worlds.aware(value)
            for name, value in row.items()
            if name not in NOT_COMPARED and f"{table.name}.{name}" not in NOT_COMPARED
        }
        for row in rows
    ]
    for row in found if table is interaction_links.TABLE else ():
        row["reasons"] = [{"reason": each["reason"], "told_id": each["told_id"]} for each in row["reasons"]]
    return found


def differences(table: Table, ours: list[Row], theirs: list[Row]) -> list[str]:
    """Every row and column in which the product and the re-computation differ, as text."""
    key, name = (*table.key, "day_utc") if table.daily else table.key, table.name
    mine, other = by_key(name, key, shown(table, ours)), by_key(name, key, theirs)
    found = [f"{name} {one}: only the product has it" for one in mine.keys() - other.keys()]
    found += [f"{name} {one}: only the re-computation has it" for one in other.keys() - mine.keys()]
    for one in mine.keys() & other.keys():
        for column in sorted(mine[one].keys() | other[one].keys()):
            left, right = mine[one].get(column, "no such column"), other[one].get(column, "no such column")
            if not alike(left, right):
                found.append(f"{name} {one} {column}: {left!r}, re-computed {right!r}")
    return sorted(found)


def alike(left: Any, right: Any) -> bool:
    """Fractions may be rounded otherwise in their last place."""
    return left == right or (
        isinstance(left, float) and isinstance(right, float | int) and isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    )


def by_key(name: str, key: tuple[str, ...], rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    found = {tuple(row[column] for column in key): row for row in rows}
    assert len(found) == len(rows), f"{name}: two rows share a key"
    return found


def made_of(world: World, root: Path, rng: random.Random, *, first_half: bool = False) -> SmallLake:
    """The product's tables of a world; where asked, a part of what was told on each day was landed and built before."""
    lake = told_worlds.open_lake(root, world.settings, world.words, world.days[0])
    told_worlds.land_world(world, lake, rng, first_half=first_half)
    return lake


def judged(lake: SmallLake) -> dict[str, list[Row]]:
    """The rows of what is shown, and the days that the product calls final; all from one look, as views of the warehouse over this lake."""
    sight = replace(lake.sight, views=tuple(house().views()))
    views = [table for table in SHOWN if not table.stored] + [data_status.TABLE]
    with sight.session([*(Read(table) for table in views), *escalation_by_release.BODY.reads], None) as engine:
        found = {table.name: running.dicts(engine.execute(f"select * from {table.qualified}")) for table in views}
        found[escalation_by_release.TABLE.name] = running.rows(escalation_by_release.BODY, engine)
    return found


Made = tuple[SmallLake, dict[str, list[Row]], dict[str, list[Row]]]


def compared(world: World, lake: SmallLake) -> Made:
    """The lake, what it shows, and what it must say."""
    ours = judged(lake)
    final = tuple(sorted(row["day_utc"] for row in ours[data_status.TABLE.name] if row["is_final"]))
    return lake, ours, expected(replace(world, final_days=final))


def stored_differences(lake: SmallLake, wanted: dict[str, list[Row]]) -> list[str]:
    """Over all tables with objects that the re-computation has."""
    return [one for table in STORED for one in differences(table, lake.rows(table), wanted[table.name])]


def shown_differences(ours: dict[str, list[Row]], wanted: dict[str, list[Row]]) -> list[str]:
    """Over what an analyst opens."""
    return [one for table in SHOWN for one in differences(table, ours[table.name], wanted[table.name])]


def read_to_its_end(world: World) -> World:
    """The same, with the CRM read to its end at last, so that days become final."""
    after = midnight(world.days[-1]) + 30 * DAY
    return replace(world, history_reads=(*world.history_reads, {"day": None, "read_at": after, "read_until": after}))


@pytest.fixture(scope="module", params=[2026, 63], ids=lambda seed: f"seed {seed}")
def world(request: pytest.FixtureRequest) -> World:
    return read_to_its_end(draw_world(random.Random(request.param), 50))


@pytest.fixture(scope="module")
def made(world: World, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The product's tables of a world, built in pieces, and what they must be."""
    return compared(world, made_of(world, tmp_path_factory.mktemp("world"), random.Random(len(world.told)), first_half=True))


@pytest.mark.shows(
    *("S0-32", "S0-34", "S0-35", "S0-41", "S0-47", "S0-49", "S0-50", "S0-51", "S0-53", "S0-55", "S0-56", "S0-57", "S0-58", "S0-59"),
    *("S0-60", "S0-61", "S0-79", "S1-8", "S1-9", "S1-10", "S1-12", "S1-13", "S1-14", "S1-15", "S1-19", "S1-20", "S1-21", "S1-25", "S2-43"),
)
def test_every_stored_table_says_what_the_slow_recomputation_says(made: Made):
    """The rules of §6.1 to §6.5, §6.7 and §6.9; days landed in any order, some twice, and only what lagged built again."""
    lake, _, wanted = made
    assert stored_differences(lake, wanted) == []
    assert [table.name for table in STORED if not wanted[table.name]] == []


@pytest.mark.shows("S1-2", "S1-26", "S1-27")
@pytest.mark.parametrize("table", SHOWN, ids=lambda table: table.name)
def test_what_an_analyst_opens_says_what_the_recomputation_says(made: Made, table: Table):
    """§6.3, §6.7 and §6.8."""
    _, ours, wanted = made
    assert differences(table, ours[table.name], wanted[table.name]) == []
    assert wanted[table.name]


def test_tiers_stand_in_the_order_of_their_worth(made: Made):
    """§6.8."""
    _, ours, wanted = made
    name = escalation_by_tier.TABLE.name
    assert [row["customer_tier"] for row in ours[name]] == [row["customer_tier"] for row in wanted[name]]


def test_every_table_is_compared_or_said_not_to_be():
    """What joins the house later is noticed here, and so is a reason that outlived its column."""
    tables_of = {table.name: table for table, _ in house().entries if table.layer != "raw"}
    said = {name for name in NOT_COMPARED if "." not in name} - {"loaded_at", "run_id"}
    assert {table.name for table in (*STORED, *SHOWN)} | said == tables_of.keys()
    for name in NOT_COMPARED:
        table, _, column = name.partition(".")
        assert not column or column.partition(".")[0] in {each.name for each in tables_of[table].columns}


@pytest.mark.parametrize("part", CRM)
def test_every_change_told_of_the_crm_is_staged_once_and_typed(world: World, made: Made, part: str):
    """A record read twice, by the baseline and by its day, may stand in both; it is one change."""
    lake, _, _ = made
    _, _, table, _ = CRM[part]
    columns = [column.name for column in table.columns if column.name not in ("received_at", "record_sha256")]
    staged = {tuple(repr(told_worlds.aware(row[name])) for name in columns) for row in lake.rows(table)}
    assert staged == {tuple(repr({"is_deleted": False, **row}.get(name)) for name in columns) for row in getattr(world, part)}


@given(world=worlds(max_size=12))
@settings(max_examples=1, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
def test_any_world_comes_out_as_recomputed(world: World):
    """A new world by every run; a failing one is named by its seed and size."""
    with TemporaryDirectory() as root:
        assert stored_differences(made_of(world, Path(root), random.Random(1)), expected(world)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1000 + int(os.environ.get("WORLDS", "12"))))
def test_many_worlds_come_out_as_recomputed(seed: int, tmp_path: Path):
    """In some the org has no Accounts, Contacts or Opportunities to read; in half its CRM was at last read to its end; WORLDS says how many."""
    world = draw_world(random.Random(seed), 40)
    world = read_to_its_end(world) if seed % 2 else world
    if absent := {1: "accounts", 2: "contacts", 3: "opportunities"}.get(seed % 6):
        world = replace(world, **{absent: ()}, settings=replace(world.settings, sources_absent=(absent,)))
    lake, ours, wanted = compared(world, made_of(world, tmp_path, random.Random(seed), first_half=True))
    assert stored_differences(lake, wanted) + shown_differences(ours, wanted) == []


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
