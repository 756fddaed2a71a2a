"""A session as a fact: itself, with the queue and the agent as they were when its conversation began (§6.4, §6.9)."""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from genesys_crm_assets.dimensions import genesys_agent, genesys_queue
from genesys_crm_assets.facts import sessions
from genesys_crm_assets.lake.table import body_schema
from genesys_crm_assets.staging import genesys_metrics, genesys_sessions
from genesys_crm_assets_tests.builders import engine, hold, utc
from genesys_crm_assets_tests.running import rows, verdicts

DAY = date(2026, 11, 3)
TEN = utc("2026-11-03T10:00")
HOUR = timedelta(hours=1)
TABLE, BODY = sessions.TABLE, sessions.BODY

Versions = tuple[tuple[datetime, datetime | None], ...]
ALWAYS: Versions = ((utc("2026-01-01T00:00"), None),)


def session(position: int = 1, conversation: str = "one", **told: Any) -> dict[str, Any]:
    times = {name: position * 10 + place for place, name in enumerate(("handle", "wrap_up", "queue", "talk", "hold"))}
    own = {"conversation_id": conversation, "position": position, "skill_ids": ["s"], "metrics": [], "day_utc": DAY, "queue_id": "q"}
    return {**own, **{f"{name}_time_ms": value for name, value in times.items()}, "user_id": "u", **told}


def house(*told: dict[str, Any], queue: Versions = ALWAYS, agent: Versions = ALWAYS) -> duckdb.DuckDBPyConnection:
    """The upstreams: sessions of conversations that began at ten, and the versions of queue `q` and agent `u`."""
    connection = engine()
    hold(connection, genesys_sessions.TABLE, list(told))
    names = {row["conversation_id"] for row in told}
    begun = [{"conversation_id": name, "conversation_start": TEN, "day_utc": DAY} for name in names]
    hold(connection, genesys_metrics.TABLE, begun)
    for table, column, thing, versions in ((genesys_queue.TABLE, "queue_id", "q", queue), (genesys_agent.TABLE, "agent_id", "u", agent)):
        known = [
            {"version_key": f"{thing}|{begin.isoformat()}", column: thing, "valid_from": begin, "valid_to": end, "is_active": True}
            for begin, end in versions
        ]
        hold(connection, table, known)
    return connection


def facts(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of the day, proved."""
    found = rows(BODY, connection, DAY)
    assert all(verdicts(TABLE, BODY, connection, found, DAY).values())
    return sorted(found, key=lambda row: (row["conversation_id"], row["position"]))


def keys(queue: Versions = ALWAYS, agent: Versions = ALWAYS, **told: Any) -> tuple[str | None, str | None]:
    (found,) = facts(house(session(**told), queue=queue, agent=agent))
    return found["queue_version_key"], found["agent_version_key"]


@pytest.mark.shows("S0-58", "S0-59")
def test_a_session_is_its_staged_self_with_three_keys():
    told = session(2, participant_id="p", session_id="s", purpose="agent", team_id="t", media_type="voice", direction="inbound")
    (found,) = facts(house(told))
    assert found == {
        "interaction_key": hashlib.sha256(b"genesys|one").hexdigest(),
        "conversation_id": "one", "position": 2, "participant_id": "p", "session_id": "s", "purpose": "agent", "user_id": "u",
        "team_id": "t", "queue_id": "q", "skill_ids": ["s"], "media_type": "voice", "direction": "inbound",
        "handle_time_ms": 20, "wrap_up_time_ms": 21, "queue_time_ms": 22, "talk_time_ms": 23, "hold_time_ms": 24,
        "queue_version_key": "q|2026-01-01T00:00:00", "agent_version_key": "u|2026-01-01T00:00:00",
    }  # fmt: skip
    assert list(found) == [column.name for column in TABLE.columns] == body_schema(TABLE).names


def test_the_versions_are_those_valid_when_the_conversation_began():
    """P5: a queue renamed at eleven was called otherwise at ten, and an agent moved at ten sharp had moved."""
    begun = ALWAYS[0][0]
    queue: Versions = ((begun, TEN + HOUR), (TEN + HOUR, None))
    agent: Versions = ((begun, TEN), (TEN, None))
    assert keys(queue, agent) == (f"q|{begun.isoformat()}", f"u|{TEN.isoformat()}")


def test_a_queue_younger_than_the_conversation_has_its_first_version():
    queue: Versions = ((TEN + HOUR, TEN + 2 * HOUR), (TEN + 2 * HOUR, None))
    assert keys(queue)[0] == f"q|{(TEN + HOUR).isoformat()}"


def test_inside_a_deletion_the_last_version_before_it_stands():
    queue: Versions = ((TEN - 3 * HOUR, TEN - 2 * HOUR), (TEN + HOUR, None))
    assert keys(queue)[0] == f"q|{(TEN - 3 * HOUR).isoformat()}"
    assert keys(((TEN - 3 * HOUR, TEN - 2 * HOUR),))[0] == f"q|{(TEN - 3 * HOUR).isoformat()}"


def test_without_a_queue_or_a_user_and_for_those_never_listed_there_is_no_version():
    assert keys(queue_id=None, user_id=None) == (None, None)
    assert keys(queue_id="never listed", user_id="never listed") == (None, None)
    assert keys(queue=(), agent=()) == (None, None)


def test_sessions_of_one_conversation_each_have_their_own_and_no_versions_multiply_them():
    versions: Versions = ((TEN - HOUR, TEN), (TEN, TEN + HOUR), (TEN + HOUR, None))
    told = [session(1, user_id=None), session(2), session(3, queue_id=None), session(1, "two")]
    found = facts(house(*told, queue=versions, agent=versions))
    key = TEN.isoformat()
    assert [(row["conversation_id"], row["position"], row["queue_version_key"], row["agent_version_key"]) for row in found] == [
        ("one", 1, f"q|{key}", None), ("one", 2, f"q|{key}", f"u|{key}"), ("one", 3, None, f"u|{key}"), ("two", 1, f"q|{key}", f"u|{key}"),
    ]  # fmt: skip


def test_an_empty_day_is_empty():
    assert facts(house()) == []


def test_the_proofs_see_a_lost_session_and_a_lost_version():
    connection = house(session(1), session(2))
    found = rows(BODY, connection, DAY)

    def failing(written: list[dict[str, Any]]) -> list[str]:
        return [name for name, holds in verdicts(TABLE, BODY, connection, written, DAY).items() if not holds]

    assert failing(found) == []
    assert failing(found[:1]) == ["rows_are_the_sessions_staged"]
    assert failing([{**row, "queue_version_key": None} for row in found]) == ["known_queues_and_agents_have_their_version"]
    assert failing([{**row, "agent_version_key": None} for row in found]) == ["known_queues_and_agents_have_their_version"]
