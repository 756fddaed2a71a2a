"""Every example of `docs/rules.md` comes out of the product's own bodies as a person worked it out.

The same page is held against the slow re-computation in `oracle/test_rules_by_hand.py`. An example says a subset of columns; the rest is not
compared.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from _pytest.mark import ParameterSet

from genesys_crm_assets.audit import data_status, link_expectation, reconciliation
from genesys_crm_assets.checks import totals
from genesys_crm_assets.dimensions import salesforce_account, salesforce_case, salesforce_contact, salesforce_user
from genesys_crm_assets.facts import (
    anonymous_interactions,
    customer_interactions,
    interaction_links,
    quarantine_interactions,
    queue_activity,
)
from genesys_crm_assets.lake.body import Body, Day
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.marts import escalation_by_tier, unified_interactions
from genesys_crm_assets.raw import genesys_interactions, genesys_queue_totals, salesforce_totals
from genesys_crm_assets.staging import (
    genesys_external_contacts,
    genesys_metrics,
    genesys_tellings,
    salesforce_accounts,
    salesforce_cases,
    salesforce_contacts,
    salesforce_field_history,
    salesforce_users,
)
from genesys_crm_assets_tests import running, told_worlds
from genesys_crm_assets_tests.builders import hold
from genesys_crm_assets_tests.lakes import Row
from genesys_crm_assets_tests.oracle import examples
from genesys_crm_assets_tests.oracle.examples import Example, said
from genesys_crm_assets_tests.oracle.history import ID_COLUMN
from genesys_crm_assets_tests.oracle.values import sha256
from genesys_crm_assets_tests.told_worlds import naive

EXAMPLES = examples.load()
ENTITIES: dict[str, tuple[Table, Table, Body]] = {
    "Case": (salesforce_cases.TABLE, salesforce_case.TABLE, salesforce_case.BODY),
    "Account": (salesforce_accounts.TABLE, salesforce_account.TABLE, salesforce_account.BODY),
    "Contact": (salesforce_contacts.TABLE, salesforce_contact.TABLE, salesforce_contact.BODY),
    "User": (salesforce_users.TABLE, salesforce_user.TABLE, salesforce_user.BODY),
}
FACTS = (
    (customer_interactions.TABLE, customer_interactions.BODY),
    (anonymous_interactions.TABLE, anonymous_interactions.BODY),
    (quarantine_interactions.TABLE, quarantine_interactions.BODY),
)
LAST_COLUMNS = ("day_utc", "conversation_id", "interval_start_utc", "metric")
"""What rows of one example are told apart by; columns a table lacks are passed over."""


def session(given: Row) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """An engine that sees no table yet, with the settings and words of an example."""
    some, words = examples.settings(given.get("settings")), examples.words(given.get("words"))
    return told_worlds.open_lake(Path(), some, words, date(2026, 1, 1)).sight.session((), None)


def told_rows(given: list[Row]) -> list[Row]:
    """An example's tellings as rows of raw pages with their day."""
    told = examples.told(given)
    days = sorted({row["raw_day"] for row in told})
    return [{**page, "day_utc": day} for day in days for page in told_worlds.pages(told, day)]


def staged(engine: duckdb.DuckDBPyConnection, pages: list[Row]) -> tuple[list[Row], list[Row]]:
    """Tellings and quarantined records of all raw days, of which the session sees the tellings."""
    tellings: list[Row] = []
    quarantined: list[Row] = []
    for day in sorted({page["day_utc"] for page in pages}):
        hold(engine, genesys_interactions.TABLE, [page for page in pages if page["day_utc"] == day])
        good, bad = genesys_tellings.split(engine, Day(day))
        tellings += [{**row, "day_utc": day} for row in good.to_pylist()]
        quarantined += bad.to_pylist()
    hold(engine, genesys_tellings.TABLE, tellings)
    return tellings, quarantined


def of_tellings(given: Row) -> Row:
    with session(given) as engine:
        tellings, _ = staged(engine, told_rows(given["tellings"]))
        days = sorted({row["start_day"] for row in tellings})
        return {"rows": [row for day in days for row in in_order(running.rows(genesys_metrics.BODY, engine, day))]}


def of_conversation(given: Row) -> Row:
    telling = {"raw_day": given.get("raw_day", date(2026, 1, 5)), "record": given["record"]}
    (row,) = of_tellings({**given, "tellings": [telling]})["rows"]
    return dict(row)


def of_record(given: Row) -> Row:
    with session({}) as engine:
        tellings, quarantined = staged(engine, told_rows([given]))
    assert len(tellings) + len(quarantined) == 1
    return {"reason": quarantined[0]["reason"] if quarantined else None}


def of_activity(given: Row) -> Row:
    with session({}) as engine:
        tellings, _ = staged(engine, told_rows(given["tellings"]))
        hold(engine, genesys_tellings.TABLE, [row for row in tellings if row["day_utc"] == given["day"]])
        return {"rows": in_order(running.rows(queue_activity.BODY, engine, given["day"]))}


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [str(row[column]) for column in LAST_COLUMNS if column in row])


def crm(engine: duckdb.DuckDBPyConnection, tellings: dict[str, list[Row]], history: list[Row], reads: list[Row]) -> dict[str, list[Row]]:
    """The dimensions by object, which the session sees, from typed tellings, field history, and when history was read."""
    hold(engine, salesforce_field_history.TABLE, [unaware(row) for row in history])
    kinds = "day_utc date, is_baseline boolean, read_at timestamp, read_until timestamp"
    engine.execute(f"create or replace table staging.staging_salesforce_field_history_reads ({kinds})")
    for read in map(unaware, reads):
        row = [read["day"], read["day"] is None, read["read_at"], read["read_until"]]
        engine.execute("insert into staging.staging_salesforce_field_history_reads values (?, ?, ?, ?)", row)
    found = {}
    for kind, (staging, dimension, body) in ENTITIES.items():
        hold(engine, staging, [hashed(unaware(row)) for row in tellings.get(kind, [])])
        rows = running.rows(body, engine)
        hold(engine, dimension, rows)
        key = dimension.columns[1].name
        found[kind] = sorted(rows, key=lambda row: (row[key], row["valid_from"]))
    return found


def unaware(row: Row) -> Row:
    return {name: naive(value) if isinstance(value, datetime) else value for name, value in row.items()}


def hashed(telling: Row) -> Row:
    """With the hash of what was told, which equal tellings share."""
    return {**telling, "record_sha256": sha256(repr([(name, telling[name]) for name in sorted(telling) if name != "received_at"]))}


def of_history(given: Row) -> Row:
    kind = given["object"]
    tellings = [examples.telling(kind, row) for row in given["tellings"]]
    history = examples.history_rows(kind, given.get("history", []), tellings[0][ID_COLUMN[kind]])
    with session({}) as engine:
        return {"versions": crm(engine, {kind: tellings}, history, examples.reads(given.get("reads")))[kind]}


def linked(engine: duckdb.DuckDBPyConnection, given: Row) -> tuple[Row, date]:
    """The link of an example's interaction, which the session sees, and the day it began."""
    known = examples.crm(given)
    tellings = {"Case": known["cases"], "Account": known["accounts"], "Contact": known["contacts"], "User": known["users"]}
    crm(engine, tellings, known["field_history"], known["history_reads"])
    metric = unaware(examples.interaction(given["interaction"]))
    day = metric["conversation_start"].date()
    hold(engine, genesys_metrics.TABLE, [{**metric, "day_utc": day}])
    hold(engine, genesys_external_contacts.TABLE, [])
    (link,) = running.rows(interaction_links.BODY, engine, day)
    hold(engine, interaction_links.TABLE, [{**link, "day_utc": day}])
    return link, day


def of_link(given: Row) -> Row:
    with session(given) as engine:
        link, _ = linked(engine, given)
    reasons = [{"reason": each["reason"], "told_id": each["told_id"]} for each in link["reasons"]]
    return {**link, "reasons": reasons}


def of_fact(given: Row) -> Row:
    with session(given) as engine:
        _, day = linked(engine, given)
        found = {table.name: [{**row, "day_utc": day} for row in running.rows(body, engine, day)] for table, body in FACTS}
    return {name: rows for name, rows in found.items() if rows}


def of_variance(given: Row) -> Row:
    """As the check computes it: the groups are queues, the numbers conversations offered to them on a final day."""
    day = Day(date(2026, 1, 5))
    told = [
        {"group": {"queueId": queue, "mediaType": "voice"}, "data": [{"metrics": [{"metric": "nOffered", "stats": {"count": total}}]}]}
        for queue, total in given["theirs"].items()
    ]
    totals_told = {
        "page": 1,
        "body": json.dumps({"results": told}).encode(),
        "received_at": day.end + timedelta(hours=1),
        "day_utc": day.day,
    }
    with session({}) as engine:
        for table, rows in ((genesys_queue_totals.TABLE, [totals_told]), (salesforce_totals.TABLE, []), (salesforce_cases.TABLE, [])):
            hold(engine, table, rows)
        engine.execute("create temp table finality as select $day as day_utc, true as is_final", {"day": day.day})
        whole, ours = given.get("with_all_told") or given["ours"], given["ours"]
        activity(engine, day, {queue: whole.get(queue, 0) - ours.get(queue, 0) for queue in {*whole, *ours}})
        engine.execute(f"create temp table told_later as from {queue_activity.TABLE.qualified}")
        engine.execute("create temp table set_aside as from told_later limit 0")
        activity(engine, day, ours)
        compared = f"create table audit.reconciliation as select *, $day as day_utc from ({reconciliation._COMPARED})"
        engine.execute(compared, {"day": day.day, "day_start": day.start, "day_end": day.end})
        (found,) = running.dicts(engine.execute(totals._VARIANCES, {"comparison": "queue_activity"}))
    return {"variance": round(found["largest_variance"], 6), "unexplained": round(found["largest_unexplained"], 6)}


def activity(engine: duckdb.DuckDBPyConnection, day: Day, offered: dict[str, int]) -> None:
    """Let the session see a day's `fact_queue_activity` of these numbers by queue."""
    rows = [
        {
            "interval_start_utc": day.start,
            "queue_id": queue,
            "media_type": "voice",
            "metric": "nOffered",
            "count": count,
            "day_utc": day.day,
        }
        for queue, count in offered.items()
    ]
    hold(engine, queue_activity.TABLE, rows)
    engine.execute(f"alter table {queue_activity.TABLE.qualified} add column loaded_at timestamp")
    engine.execute(f"alter table {queue_activity.TABLE.qualified} add column run_id varchar")


def of_expectation(given: Row) -> Row:
    rule = {"case_attribute": "case_attribute"}
    links = [
        {**link, "interaction_id": str(place), "case_match_rule": rule.get(link["link_method"])}
        for place, link in enumerate(given["links"])
    ]
    with session({}) as engine:
        hold(engine, interaction_links.TABLE, links)
        rows = running.rows(link_expectation.BODY, engine)
    return {"rows": sorted(rows, key=lambda row: (row["day_utc"], row["blind_case_match_rule"] or ""))}


def of_escalation(given: Row) -> Row:
    rows = [
        {**row, "link_method": "phone", "customer_tier_at_interaction": row["customer_tier"] or "Unknown"} for row in given["interactions"]
    ]
    with session({}) as engine:
        hold(
            engine,
            data_status.TABLE,
            [{"day_utc": given["last_final_day"] + timedelta(days=days), "is_final": days <= 0} for days in (-40, 0, 1)],
        )
        hold(engine, unified_interactions.TABLE, rows)
        return {"rows": running.rows(escalation_by_tier.BODY, engine)}


WORK_OUT: dict[str, Callable[[Row], Row]] = {
    "conversation": of_conversation,
    "examine": of_record,
    "tellings": of_tellings,
    "activity": of_activity,
    "history": of_history,
    "link": of_link,
    "fact": of_fact,
    "variance": of_variance,
    "link_expectation": of_expectation,
    "escalation_by_tier": of_escalation,
}
SHOWN = {
    "conversation": ("S0-32", "S1-12", "S1-13", "S1-15", "S1-19", "S1-20", "S1-21"),
    "examine": ("S2-43",),
    "history": ("S0-58", "S0-60", "S0-61"),
    "link": ("S0-41", "S0-55", "S0-56", "S0-57", "S1-9", "S1-10"),
    "fact": ("S0-49", "S0-50", "S0-51", "S0-59", "S0-79"),
    "escalation_by_tier": ("S1-26",),
}
"""Requirements by the kind of example that shows them."""


def each(example: Example) -> ParameterSet:
    """An example as a case of its own, marked with what it shows."""
    marks = [pytest.mark.shows(*SHOWN[example.kind])] if example.kind in SHOWN else []
    return pytest.param(example, id=example.rule, marks=marks)


@pytest.mark.parametrize("example", [each(example) for example in EXAMPLES])
def test_an_example_worked_by_hand_comes_out_of_the_product_as_written(example: Example):
    actual = examples.plain(told_worlds.aware(WORK_OUT[example.kind](examples.typed("given", example.given))))
    expected = {"rows": in_order(example.expected["rows"])} if example.kind == "activity" else example.expected
    assert said(actual, expected) == expected
    # A table that a fact example does not name must be empty.
    assert example.kind != "fact" or actual.keys() == example.expected.keys()
