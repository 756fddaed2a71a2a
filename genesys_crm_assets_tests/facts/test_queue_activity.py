"""What the vendor's own screen shows of a day."""

from datetime import date
from typing import Any

from genesys_crm_assets.facts import queue_activity
from genesys_crm_assets.staging import genesys_tellings
from genesys_crm_assets_tests.builders import (
    ABSENT,
    AGENT,
    DAY,
    QUEUE,
    agent,
    at,
    customer,
    engine,
    hold,
    metric,
    participant,
    record,
    segment,
    session,
    telling,
    utc,
)
from genesys_crm_assets_tests.running import rows

TODAY = date.fromisoformat(DAY)


def activity(*tellings: dict[str, Any]) -> list[dict[str, Any]]:
    connection = engine()
    hold(connection, genesys_tellings.TABLE, list(tellings))
    return sorted(rows(queue_activity.BODY, connection, TODAY), key=str)


def told(*metrics: dict[str, Any], queue: Any = QUEUE, **changes: Any) -> dict[str, Any]:
    worked = session(segments=[segment(queueId=queue)], metrics=metrics)
    return telling(record(participants=[agent(worked)], **changes))


def figures(found: list[dict[str, Any]]) -> dict[str, tuple[int, int | None]]:
    return {row["metric"]: (row["count"], row["sum"]) for row in found}


def test_counts_are_summed_and_times_are_counted_and_summed():
    found = activity(told(metric("nOffered", 2), metric("nOffered", 3), metric("tTalk", 10), metric("tTalk", 20), metric("oWait", 5)))
    assert figures(found) == {"nOffered": (5, None), "tTalk": (2, 30)}
    assert found[0] == {
        "interval_start_utc": utc("2026-11-03T10:00"),
        "queue_id": QUEUE,
        "agent_id": AGENT,
        "media_type": "voice",
        "metric": "nOffered",
        "count": 5,
        "sum": None,
    }


def test_a_metric_belongs_to_the_quarter_hour_and_the_day_it_was_emitted():
    times = [
        at("00:00"),
        at("10:14:59.999"),
        at("10:15"),
        at("23:59:59.999"),
        at("00:00", "2026-11-04"),
        at("23:59:59.999", "2026-11-02"),
        None,
    ]
    found = activity(told(*(metric("nError", 1, time) for time in times)))
    hours = [row["interval_start_utc"] for row in found]
    assert sorted(hours) == [utc("2026-11-03T00:00"), utc("2026-11-03T10:00"), utc("2026-11-03T10:15"), utc("2026-11-03T23:45")]


def test_an_offset_does_not_move_a_metric_out_of_its_quarter_hour():
    found = activity(told(metric("tAcw", 1, "2026-11-03T05:29:00.000+05:30"), metric("tAcw", 1, "2026-11-03T05:31:00.000+05:30")))
    assert [row["interval_start_utc"] for row in found] == [utc("2026-11-03T00:00")]


def test_a_conversation_begun_long_before_counts_on_the_day_it_was_active():
    found = activity(told(metric("tAcd", 5_097_600_919), conversationStart="2025-09-01T00:00:00Z"))
    assert figures(found) == {"tAcd": (1, 5_097_600_919)}


def test_only_the_last_telling_of_a_conversation_within_the_day_counts():
    first, last = told(metric("tTalk", 10)), told(metric("tTalk", 99))
    assert figures(activity(first, last | {"position": 2})) == {"tTalk": (1, 99)}
    query = last | {"position": 2, "feed": "conversation_query", "received_at": utc("2026-12-01T00:00")}
    assert figures(activity(first, query)) == {"tTalk": (1, 10)}


def test_the_queue_is_the_sessions_first_by_start_and_may_be_absent_like_the_agent_and_the_medium():
    parts = [segment(start=ABSENT, queueId="C"), segment(start=at("10:02"), queueId="B"), segment(start=at("10:01"), queueId="A")]
    people = [
        agent(session(segments=parts, metrics=[metric("tTalk", 1)])),
        customer(session(mediaType=ABSENT, metrics=[metric("nConnected", 1)])),
        participant("acd", session(segments=[segment()], metrics=[metric("nConnected", 1), metric("tAcd", ABSENT)])),
    ]
    found = activity(telling(record(participants=people)))
    seen = {(row["metric"], row["queue_id"], row["agent_id"], row["media_type"], row["count"], row["sum"]) for row in found}
    assert seen == {
        ("tTalk", "A", AGENT, "voice", 1, 1),
        ("nConnected", None, None, None, 1, None),
        ("nConnected", None, None, "voice", 1, None),
        ("tAcd", None, None, "voice", 1, 0),
    }


def test_an_empty_day_gives_an_empty_fact():
    assert activity() == []
