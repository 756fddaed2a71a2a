"""Splitting a raw day into tellings and quarantined records."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.lake.body import Day
from genesys_crm_assets.lake.errors import ObjectDamaged
from genesys_crm_assets.lake.table import body_schema
from genesys_crm_assets.raw import genesys_interactions
from genesys_crm_assets.sources.genesys.feeds import CONVERSATION_JOBS, Place, records_of
from genesys_crm_assets.sources.http import Answer
from genesys_crm_assets.staging.genesys_tellings import EVERY_RECORD_TOLD_IS_KEPT, QUARANTINE, STARTS, TABLE, split
from genesys_crm_assets_tests.builders import ABSENT, DAY, engine, hold, page, record, utc
from genesys_crm_assets_tests.running import dicts

TODAY = Day(date.fromisoformat(DAY))
EARLIER = "2026-11-01T22:00:00.000Z"
SURROGATE = b'{"conversationId": "half", "conversationStart": "2026-11-03T10:00:00Z", "participants": [], "x": "\\ud800"}'
UNKNOWN = record(conversationId="deep", unknown="@").replace(b'"@"', b"[" * 10_000 + b"]" * 10_000)


def landed(*pages: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    connection = engine()
    hold(connection, genesys_interactions.TABLE, list(pages))
    return connection


def both(*pages: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    tellings, quarantined = split(landed(*pages), TODAY)
    return tellings.to_pylist(), quarantined.to_pylist()


@pytest.mark.shows("S0-33", "S2-46")
def test_a_records_bytes_are_the_vendors_bytes_whatever_their_spacing():
    odd = b'{ "conversationId" :"a",\n "conversationStart":"2026-11-03T10:00:00Z", "participants": [ ], "x": 1.50e1 ,"y":"\\u00e9" }'
    tellings, _ = both(page(odd, record()))
    assert tellings[0]["record"] == odd
    assert tellings[0]["record_sha256"] == hashlib.sha256(odd).hexdigest()
    assert tellings[0]["received_at"] == utc("2026-11-05T01:00")


def test_tellings_are_sorted_by_the_day_of_beginning_then_as_told():
    """A staged day reads few row groups of later raw days."""
    first = page(record(conversationId="b"), record(conversationId="a", conversationStart=EARLIER))
    second = page(
        record(conversationId="d", conversationStart=EARLIER), record(conversationId="c"), number=2, feed="conversation_query", until=None
    )
    tellings, _ = both(second, first)
    assert [(row["conversation_id"], str(row["start_day"]), row["page"], row["position"]) for row in tellings] == [
        ("a", "2026-11-01", 1, 2),
        ("d", "2026-11-01", 2, 1),
        ("b", "2026-11-03", 1, 1),
        ("c", "2026-11-03", 2, 2),
    ]
    assert [row["feed"] for row in tellings][1] == "conversation_query"
    assert tellings[1]["data_available_until"] is None


@pytest.mark.shows("S2-43")
def test_a_bad_record_is_set_aside_by_itself_with_its_bytes():
    bad = record(conversationEnd="soon")
    tellings, quarantined = both(page(record(), bad, b"7", record(conversationId=ABSENT)))
    assert len(tellings) == 1
    assert [(row["position"], row["reason"], row["record"]) for row in quarantined] == [
        (2, "wrong_type", bad),
        (3, "not_an_object", b"7"),
        (4, "missing_id", record(conversationId=ABSENT)),
    ]
    assert quarantined[0]["detail"] == "conversationEnd: not a time"
    assert quarantined[0]["conversation_id"] == "c0000000-0000-4000-8000-000000000001"


@pytest.mark.shows("S2-44")
def test_a_page_that_is_not_what_was_received_is_refused():
    damaged = page(record()) | {"body_sha256": "0" * 64}
    with pytest.raises(ObjectDamaged, match="materialise that raw day again"):
        both(damaged)


def test_one_odd_record_does_not_take_its_page_with_it():
    tellings, quarantined = both(page(record(), UNKNOWN, SURROGATE, b'{"x": NaN}'))
    assert [row["record"] for row in tellings] == [record(), UNKNOWN, SURROGATE]
    assert [row["reason"] for row in quarantined] == ["not_an_object"]


@pytest.mark.shows("S2-43")
def test_what_the_reading_counts_of_an_odd_page_is_what_the_splitting_finds():
    """F-60, F-62, from the answer on: the day lands, every record verbatim, and P1 holds."""
    attribute = record(conversationId="attribute", participants=[{"attributes": "@"}]).replace(
        b'"@"', b'{"a":' * 3_000 + b"1" + b"}" * 3_000
    )
    told = page(record(), UNKNOWN, SURROGATE, attribute, b"[" * 3_000 + b"]" * 3_000)
    answer = Answer("GET", "https://api.example.com/x", 200, {}, told["body"], datetime(2026, 11, 5, 1, tzinfo=UTC))
    reading = CONVERSATION_JOBS.read(Place(None, "job"), answer)
    assert reading.following == Place("n", "job")
    connection = landed(told | {"record_count": reading.records})
    tellings, quarantined = split(connection, TODAY)
    assert tellings.column("record").to_pylist() == [record(), UNKNOWN, SURROGATE]
    assert quarantined.column("record").to_pylist() == [attribute, b"[" * 3_000 + b"]" * 3_000]
    assert quarantined.column("detail").to_pylist() == ["participants[0].attributes: not an object of strings", "record: not an object"]
    connection.register("aside", tellings)
    connection.register("quarantine_aside", quarantined)
    assert dicts(connection.execute(EVERY_RECORD_TOLD_IS_KEPT.sql))[0]["holds"]


def test_a_page_without_conversations_has_no_records():
    assert records_of(b'{"totalHits": 0}') == []
    assert records_of(b'{"conversations": null, "cursor": "x"}') == []


def test_an_empty_day_gives_empty_tables_of_the_contracts_columns():
    tellings, quarantined = split(landed(), TODAY)
    assert (tellings.schema, quarantined.schema) == (body_schema(TABLE), body_schema(QUARANTINE))
    assert (tellings.num_rows, quarantined.num_rows) == (0, 0)


@pytest.mark.shows("S2-43", "S2-44")
@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([record(), record(conversationStart=EARLIER), b"null", b"[]", record(participants=5)]), max_size=4),
        max_size=4,
    )
)
def test_records_told_are_tellings_and_quarantined_records_and_nothing_else(told: list[list[bytes]]):
    """P1, first equation."""
    connection = landed(*(page(*records, number=number) for number, records in enumerate(told, start=1)))
    tellings, quarantined = split(connection, TODAY)
    connection.register("aside", tellings)
    connection.register("quarantine_aside", quarantined)
    figures = dicts(connection.execute(EVERY_RECORD_TOLD_IS_KEPT.sql))[0]
    assert figures["holds"]
    assert figures["told"] == sum(map(len, told)) == tellings.num_rows + quarantined.num_rows
    connection.register("aside", tellings.slice(0, tellings.num_rows - 1) if tellings.num_rows else tellings)
    assert dicts(connection.execute(EVERY_RECORD_TOLD_IS_KEPT.sql))[0]["holds"] is (tellings.num_rows == 0)


def starts(*pages: dict[str, Any]) -> str:
    connection = landed(*pages)
    connection.register("result", split(connection, TODAY)[0])
    return str(connection.execute(STARTS, {"day_end": TODAY.end}).fetchall()[0][0])


def test_what_staged_days_depend_on_changes_only_for_the_days_that_changed():
    before = json.loads(starts(page(record(), record(conversationId="a", conversationStart=EARLIER))))
    after = json.loads(starts(page(record(), record(conversationId="a", conversationStart=EARLIER, divisionIds=[]))))
    assert set(before) == {"2026-11-01", "2026-11-03"}
    assert before["2026-11-03"] == after["2026-11-03"]
    assert before["2026-11-01"]["digest"] != after["2026-11-01"]["digest"]
    assert before["2026-11-01"]["received_at"] == "2026-11-05T01:00:00.000000"


def test_what_staged_days_depend_on_knows_when_a_job_became_complete():
    """The same bytes of a job that is complete past its day make a row final."""
    assert starts(page(record())) != starts(page(record(), until="2026-11-03T12:00"))
    assert starts(page(record(), until="2026-11-03T12:00")) == starts(page(record(), until="2026-11-03T13:00"))
    assert starts() == "{}"


def test_the_contracts_name_their_columns_as_the_design_does():
    names = [column.name for column in TABLE.columns]
    assert names == [
        "conversation_id",
        "start_day",
        "page",
        "position",
        "feed",
        "received_at",
        "data_available_until",
        "record_sha256",
        "record",
    ]
    assert [column.name for column in QUARANTINE.columns] == [
        "page",
        "position",
        "conversation_id",
        "reason",
        "detail",
        "record_sha256",
        "record",
    ]
    assert pa.types.is_binary(body_schema(TABLE).field("record").type)
