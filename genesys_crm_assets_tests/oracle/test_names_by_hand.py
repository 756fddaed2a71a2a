"""Opportunities, sessions, names of their time and adherence, each on the smallest input that makes its rule bite."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from . import examples
from .adherence import fact_adherence
from .conversations import Words, winner
from .crm import Crm, Settings
from .facts import Versions
from .history import dimension
from .reference import dimension as listed
from .sessions import fact_sessions, staging_sessions
from .unified import Beside, open_cases, open_opportunities, unified
from .values import Row, sha256

DAY = date(2026, 1, 5)
NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def observation(hours: int, *entities: Row, listing: str = "queues") -> Row:
    return {"listing": listing, "observed_at": NINE + hours * HOUR, "entities": list(entities)}


def told(rows: list[Row], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


OPPORTUNITY, ACCOUNT = "006000000000001AAA", "001000000000001AAA"


def opportunity(day: int, **values: Any) -> Row:
    born = datetime(2026, 1, 1, 10, tzinfo=UTC)
    own: Row = {"opportunity_id": OPPORTUNITY, "account_id": ACCOUNT, "created_at": born}
    return examples.telling("Opportunity", {**own, "system_modstamp": datetime(2026, 1, day, 10, tzinfo=UTC), **values})


def stage(day: int, old: str, new: str) -> Row:
    return {"field": "StageName", "old_value": old, "new_value": new, "created_at": datetime(2026, 1, day, 10, tzinfo=UTC)}


def opportunities(tellings: list[Row], history: list[Row]) -> list[Row]:
    return dimension("Opportunity", tellings, examples.history_rows("Opportunity", history, OPPORTUNITY), examples.reads(None))


def test_an_amount_is_compared_as_a_number_and_a_close_date_as_a_day():
    """12000 in history is the 12000.00 of the record; 1.5E4 is 15000."""
    history: list[Row] = [
        {"field": "Amount", "old_value": "12000", "new_value": "1.5E4", "created_at": datetime(2026, 1, 3, 10, tzinfo=UTC)},
        {"field": "CloseDate", "old_value": "2026-03-01", "new_value": "2026-03-01", "created_at": datetime(2026, 1, 4, 10, tzinfo=UTC)},
    ]
    told_rows = [
        opportunity(2, amount=12000.0, close_date=date(2026, 3, 1)),
        opportunity(5, amount=15000.0, close_date=date(2026, 3, 1)),
    ]
    assert told(opportunities(told_rows, history), "amount", "close_date", "change_source") == [
        (12000.0, date(2026, 3, 1), "created"),
        (15000.0, date(2026, 3, 1), "history"),
    ]


def test_a_reopened_opportunity_is_counted_open_again_and_a_deleted_one_is_not():
    """Won on the 3rd, reopened on the 5th, deleted on the 7th: open on the 2nd and the 6th. Nothing is counted without an account."""
    last = {"stage_name": "Proposal"}
    versions = opportunities(
        [opportunity(5, **last), opportunity(7, is_deleted=True, **last)],
        [stage(3, "Proposal", "Closed Won"), stage(5, "Closed Won", "Proposal")],
    )
    accounts = dimension("Account", [examples.telling("Account", {"account_id": ACCOUNT})], [], examples.reads(None))
    dimensions = {"opportunity": versions, "account": accounts, "case": [], "contact": []}

    def count(day: int, account: str | None = ACCOUNT, **settings: Any) -> int | None:
        beside = Beside(Versions({}), Crm(dimensions, []), dimensions, Settings(**settings), {})
        return open_opportunities(account, datetime(2026, 1, day, 10, tzinfo=UTC), beside)

    assert [count(day) for day in (1, 2, 3, 4, 5, 6, 7, 8)] == [1, 1, 0, 0, 1, 1, 0, 0]
    assert count(6, None) is None
    assert count(6, sources_absent=("opportunities",)) is None
    assert count(6, "001000000000002AAA") == 0


def test_a_case_is_open_from_its_birth_to_its_closing_and_counts_for_the_account_it_was_of():
    """Born on the 2nd for one account, given on the 4th to another that was merged into the first, closed on the 6th at ten."""
    merged, case = "001000000000002AAA", "500000000000001AAA"
    told_case: Row = {
        "case_id": case,
        "created_at": datetime(2026, 1, 2, 10, tzinfo=UTC),
        "closed_at": datetime(2026, 1, 6, 10, tzinfo=UTC),
    }
    move = {"field": "Account", "old_value": merged, "new_value": "001000000000003AAA", "created_at": datetime(2026, 1, 4, 10, tzinfo=UTC)}
    tellings = [examples.telling("Case", {**told_case, "account_id": "001000000000003AAA", "system_modstamp": told_case["closed_at"]})]
    accounts = [
        examples.telling("Account", {"account_id": ACCOUNT}),
        examples.telling("Account", {"account_id": merged, "is_deleted": True, "master_record_id": ACCOUNT}),
        examples.telling("Account", {"account_id": "001000000000003AAA"}),
    ]
    dimensions = {
        "case": dimension("Case", tellings, examples.history_rows("Case", [move], case), examples.reads(None)),
        "account": dimension("Account", accounts, [], examples.reads(None)),
        "contact": [],
    }
    beside = Beside(Versions({}), Crm(dimensions, []), dimensions, Settings(), {})
    moments = [datetime(2026, 1, day, 10, tzinfo=UTC) for day in (1, 2, 3, 4, 5, 6)]
    assert [open_cases(ACCOUNT, moment, beside) for moment in moments] == [0, 1, 1, 0, 0, 0]
    assert [open_cases("001000000000003AAA", moment, beside) for moment in moments] == [0, 0, 0, 1, 1, 0]


def test_a_session_has_its_own_queue_skills_and_versions():
    """Told B before A, but A was first; skills are asked for twice; the queue was renamed after the conversation began, the agent is unknown."""
    segments = [
        {"queueId": "q-b", "segmentStart": "2026-01-05T09:02:00.000Z", "requestedRoutingSkillIds": ["k-2", "k-1"]},
        {"queueId": "q-a", "segmentStart": "2026-01-05T09:01:00.000Z", "requestedRoutingSkillIds": ["k-1"]},
    ]
    metrics = [{"name": "tHandle", "value": 5, "emitDate": "2026-01-05T09:03:00.000Z"}, {"name": "nNew"}]
    participants = [
        {"participantId": "p-1", "purpose": "customer", "sessions": [{}]},
        {
            "participantId": "p-2",
            "purpose": "agent",
            "userId": "u-1",
            "teamId": "t-1",
            "sessions": [{"sessionId": "s-1", "mediaType": "voice", "direction": "inbound", "segments": segments, "metrics": metrics}],
        },
    ]
    record = {"conversationId": "c-1", "conversationStart": "2026-01-05T09:00:00.000Z", "participants": participants}
    tellings = examples.told([{"raw_day": DAY, "record": record}])
    assert json.loads(tellings[0]["record"]) == record
    rows = staging_sessions(tellings, DAY)
    assert told(rows, "participant_id", "session_id", "queue_id", "team_id", "user_id", "skill_ids", "handle_time_ms") == [
        ("p-1", None, None, None, None, [], 0),
        ("p-2", "s-1", "q-a", "t-1", "u-1", ["k-1", "k-2"], 5),
    ]
    assert rows[1]["metrics"] == [
        {"name": "tHandle", "value": 5, "emit_date": NINE + timedelta(minutes=3)},
        {"name": "nNew", "value": None, "emit_date": None},
    ]
    queues = listed("Queue", [observation(-1, {"id": "q-a", "name": "A"}), observation(1, {"id": "q-a", "name": "B"})], DAY)
    facts = fact_sessions(rows, winner(tellings, Words()), Versions({"queue": queues}))
    assert told(facts, "interaction_key", "queue_version_key", "agent_version_key")[1] == (
        sha256("genesys|c-1"),
        queues[0]["version_key"],
        None,
    )
    assert "metrics" not in facts[1]
    assert staging_sessions(tellings, DAY + timedelta(days=1)) == []


def test_an_interaction_carries_the_names_of_its_own_time():
    """Renamed an hour later; the code's name, else the code, else nobody answered; nobody's tier is Unknown."""
    base: Row = {"interaction_timestamp_utc": NINE, "interaction_end_utc": None, "wrap_up_time_ms": 7, "agent_id": "u-1"}
    base |= {"queue_id": "q-a", "last_queue_id": "q-z"}
    facts = [{**base, "interaction_id": str(number), "disposition_code": code} for number, code in enumerate(("w-1", "ININ-X", None))]
    dimensions: dict[str, list[Row]] = {
        "queue": listed("Queue", [observation(0, {"id": "q-a", "name": "A"}), observation(1, {"id": "q-a", "name": "B"})], DAY),
        "agent": listed("Agent", [observation(5, {"id": "u-1", "name": "Ann", "state": "active"}, listing="users")], DAY),
        "wrapup_code": [{"wrapup_code_id": "w-1", "name": "Resolved"}],
        **{entity: [] for entity in ("case", "account", "contact", "user", "opportunity")},
    }
    rows = unified(facts, [], dimensions, Settings())
    assert told(rows, "disposition_label") == [("Resolved",), ("ININ-X",), ("Unanswered/Abandoned",)]
    assert told(rows[:1], "queue_name", "last_queue_name", "agent_name", "acw_time_ms") == [("A", None, "Ann", 7)]
    assert told(rows[:1], "customer_tier_at_interaction", "open_case_count", "link_precision") == [("Unknown", None, None)]


def test_an_agent_of_two_units_and_of_two_days_has_one_row_a_day():
    """The metric of the day by its offset; the longer schedule wins; a percentage that the day lacks is the user's."""
    users = [
        {
            "userId": "u-1",
            "adherencePercentage": 90.5,
            "conformancePercentage": 80,
            "dayMetrics": [
                {"dayStartOffsetSeconds": 86_400, "adherenceScheduleSeconds": 28_800, "conformancePercentage": 0.0, "exceptionCount": 2},
                {"dayStartOffsetSeconds": 0, "adherenceScheduleSeconds": 99_999, "adherencePercentage": 1.0},
            ],
        }
    ]
    shorter = [{"userId": "u-1", "adherencePercentage": 5, "dayMetrics": [{"adherenceScheduleSeconds": 60}]}, {"userId": "u-2"}]
    results = [
        {"raw_day": DAY, "result": {"startDate": "2026-01-04T00:00:00.000Z", "userResults": users}},
        {"raw_day": DAY, "result": {"startDate": "2026-01-05T00:00:00.000Z", "userResults": shorter}},
    ]
    assert fact_adherence(results) == fact_adherence(results[::-1])
    assert fact_adherence(results) == [
        {
            "day_utc": DAY,
            "agent_id": "u-1",
            "adherence_percentage": 90.5,
            "conformance_percentage": 0.0,
            "adherence_schedule_seconds": 28_800,
            "conformance_schedule_seconds": None,
            "conformance_actual_seconds": None,
            "exception_count": 2,
            "exception_seconds": None,
            "impact_seconds": None,
        }
    ]
