"""Each participant session by itself, of the telling that was staged (§6.1, §6.9)."""

from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.lake.table import body_schema
from genesys_crm_assets.staging import genesys_metrics, genesys_sessions, genesys_tellings
from genesys_crm_assets.staging.conversation import decode
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
    talk,
    telling,
    utc,
)
from genesys_crm_assets_tests.running import rows, verdicts

TODAY = date.fromisoformat(DAY)
NEXT = "2026-11-04"
TABLE, BODY = genesys_sessions.TABLE, genesys_sessions.BODY


def sessions(*participants: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    told = {"participants": list(participants)} if participants else {}
    return list(genesys_sessions.sessions_of(decode(record(**told, **changes))))


def the_session(told: dict[str, Any], **more: Any) -> dict[str, Any]:
    (found,) = sessions(participant("agent", told, **more))
    return found


def staged(*tellings: dict[str, Any], connection: duckdb.DuckDBPyConnection | None = None) -> list[dict[str, Any]]:
    """The rows of the day, after its metrics have chosen the tellings."""
    connection = connection or engine()
    hold(connection, genesys_tellings.TABLE, list(tellings))
    chosen = rows(genesys_metrics.BODY, connection, TODAY)
    hold(connection, genesys_metrics.TABLE, [{**row, "day_utc": TODAY} for row in chosen])
    found = rows(BODY, connection, TODAY)
    assert all(verdicts(TABLE, BODY, connection, found, TODAY).values())
    return sorted(found, key=lambda row: (row["conversation_id"], row["position"]))


@pytest.mark.shows("S2-15")
def test_a_plain_call_is_three_sessions_in_the_order_told():
    """By hand, column by column: whoever waited, for which queue, and who answered."""
    parts = (
        segment(queueId=QUEUE, requestedRoutingSkillIds=["s-1"]),
        segment("wrapup", start=at("10:05"), end=at("10:05:30"), queueId=QUEUE),
    )
    told = [metric("tTalk", 300_000), metric("tAcw", 30_000), metric("tHandle", 330_000), metric("nTransferred", 1, ABSENT)]
    answered = session(segments=parts, metrics=told, sessionId="s-agent")
    waiting = session(segments=[segment(queueId=QUEUE)], metrics=[metric("tAcd", 30_000, at("10:00:30"))], sessionId="s-acd")
    people = [
        customer(session(ani="tel:+12025550111", direction="inbound", sessionId="s-customer"), participantId="p-1"),
        participant("acd", waiting, participantId="p-2"),
        agent(answered, participantId="p-3", teamId="t-1"),
    ]
    none = {"handle_time_ms": 0, "wrap_up_time_ms": 0, "queue_time_ms": 0, "talk_time_ms": 0, "hold_time_ms": 0}
    whole = {"conversation_id": "c0000000-0000-4000-8000-000000000001", "media_type": "voice", "direction": "inbound", **none}
    nobody = {"user_id": None, "team_id": None, "skill_ids": []}
    assert sessions(*people) == [
        {
            **whole, **nobody, "position": 1, "participant_id": "p-1", "session_id": "s-customer", "purpose": "customer",
            "queue_id": None, "metrics": [],
        },
        {
            **whole, **nobody, "position": 2, "participant_id": "p-2", "session_id": "s-acd", "purpose": "acd", "queue_id": QUEUE,
            "queue_time_ms": 30_000, "metrics": [{"name": "tAcd", "value": 30_000, "emit_date": utc("2026-11-03T10:00:30")}],
        },
        {
            **whole, "position": 3, "participant_id": "p-3", "session_id": "s-agent", "purpose": "agent", "user_id": AGENT, "team_id": "t-1",
            "queue_id": QUEUE, "skill_ids": ["s-1"], "handle_time_ms": 330_000, "wrap_up_time_ms": 30_000, "talk_time_ms": 300_000,
            "metrics": [
                {"name": "tTalk", "value": 300_000, "emit_date": utc("2026-11-03T10:05")},
                {"name": "tAcw", "value": 30_000, "emit_date": utc("2026-11-03T10:05")},
                {"name": "tHandle", "value": 330_000, "emit_date": utc("2026-11-03T10:05")},
                {"name": "nTransferred", "value": 1, "emit_date": None},
            ],
        },
    ]  # fmt: skip


def test_a_transferred_conversation_has_a_queue_for_each_session():
    """Why this table is: the conversation as a whole has a first and a last queue only."""
    found = sessions(agent(talk(queue="A")), agent(talk(queue="B", start=at("10:05"))), agent(talk(queue="A", start=at("10:09"))))
    assert [row["queue_id"] for row in found] == ["A", "B", "A"]


def test_queue_and_skills_are_by_the_start_of_segments_with_the_unknown_last():
    parts = [
        segment(start=ABSENT, queueId="C", requestedRoutingSkillIds=["z", "a"]),
        segment(start=at("10:02"), queueId="B", requestedRoutingSkillIds=["b", "a"]),
        segment(start=at("10:01"), requestedRoutingSkillIds=["b", None]),
        segment(start=at("10:03"), requestedRoutingSkillIds=None),
    ]
    found = the_session(session(segments=parts))
    assert (found["queue_id"], found["skill_ids"]) == ("B", ["b", "a", "z"])


def test_complete_times_replace_their_parts_within_the_session_only():
    whole = session(
        metrics=[metric("tTalk", 5), metric("tTalkComplete", 7), metric("tHeld", 1), metric("tHeld", 2), metric("tAcd", ABSENT)]
    )
    parts = session(metrics=[metric("tTalk", 5), metric("tTalk", 6), metric("tHeldComplete", 9), metric("tHeld", 1)])
    found = sessions(agent(whole, parts))
    assert [(row["talk_time_ms"], row["hold_time_ms"], row["queue_time_ms"]) for row in found] == [(7, 3, 0), (11, 9, 0)]


def test_times_are_sixty_four_bits_wide_and_never_wrap():
    largest = 2**63 - 1
    assert the_session(session(metrics=[metric("tHandle", largest), metric("tHandle", 5)]))["handle_time_ms"] == largest


@pytest.mark.parametrize(
    ("told", "stored"),
    [("2026-11-03T05:30:00.1239+05:30", "2026-11-03T00:00:00.123"), ("0001-01-01T00:00:00+09:00", None), (None, None)],
)
def test_emit_times_are_utc_in_milliseconds_or_null(told: str | None, stored: str | None):
    (entry,) = the_session(session(metrics=[metric("tAcd", 1, told)]))["metrics"]
    assert entry == {"name": "tAcd", "value": 1, "emit_date": stored and utc(stored)}


def test_sessions_without_ids_or_with_the_same_ones_are_told_apart_by_their_place():
    twice = session(sessionId="same")
    people = [customer(session()), agent(twice, twice, participantId="p"), participant(ABSENT), agent(participantId="q")]
    found = staged(telling(record(participants=people)))
    assert [(row["position"], row["participant_id"], row["session_id"]) for row in found] == [
        (1, None, None), (2, "p", "same"), (3, "p", "same"),
    ]  # fmt: skip


@pytest.mark.shows("S0-32")
def test_the_telling_is_the_one_that_metrics_chose_wherever_its_bytes_stand():
    old, new = record(participants=[agent(talk(queue="old"))]), record(participants=[agent(talk(queue="new"))])
    tellings = [
        telling(old, DAY, received="2026-11-04T01:00"),
        telling(new, NEXT, received="2026-11-05T01:00"),
        telling(old, "2026-11-05", feed="conversation_query", received="2026-11-06T01:00"),
        telling(new, "2026-11-06", received="2026-11-07T01:00"),
    ]
    assert [row["queue_id"] for row in staged(*tellings)] == ["new"]
    assert [row["queue_id"] for row in staged(*tellings[::2])] == ["old"]


def test_the_body_returns_the_contracts_columns_and_an_empty_day_is_empty():
    names = [column.name for column in TABLE.columns]
    assert list(staged(telling(record()))[0]) == names == body_schema(TABLE).names
    assert staged() == []


def test_the_proof_sees_a_telling_that_is_gone():
    """A raw day read again no longer tells what was staged: the metrics have to be built again first."""
    connection = engine()
    hold(connection, genesys_tellings.TABLE, [telling(record())])
    chosen = rows(genesys_metrics.BODY, connection, TODAY)
    hold(connection, genesys_metrics.TABLE, [{**row, "day_utc": TODAY} for row in chosen])
    hold(connection, genesys_tellings.TABLE, [telling(record(divisionIds=["other"]))])
    found = rows(BODY, connection, TODAY)
    assert verdicts(TABLE, BODY, connection, found, TODAY) == {"every_staged_conversation_has_its_telling": False}


told_again = st.tuples(st.sampled_from(["one", "two"]), st.sampled_from(["A", "B"]), st.sampled_from([DAY, NEXT]), st.integers(1, 3))


@pytest.mark.shows("S1-25")
@settings(max_examples=10, deadline=None)
@given(st.lists(told_again, min_size=1, max_size=6), st.randoms())
def test_whatever_the_order_of_tellings_sessions_and_metrics_agree(told: list[tuple[str, str, str, int]], shuffle: Any):
    """P3; and of a conversation both tables say the same."""
    tellings = [
        telling(record(conversationId=name, participants=[agent(*[talk(queue=queue)] * number)]), day, position=place)
        for place, (name, queue, day, number) in enumerate(told)
    ]
    found = staged(*tellings)
    shuffle.shuffle(tellings)
    connection = engine()
    assert staged(*tellings, connection=connection) == found
    for row in rows(genesys_metrics.BODY, connection, TODAY):
        own = [one for one in found if one["conversation_id"] == row["conversation_id"]]
        assert {one["queue_id"] for one in own} == {row["queue_id"]}
        assert sum(one["handle_time_ms"] for one in own) == row["handle_time_ms"]
