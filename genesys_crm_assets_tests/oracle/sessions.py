"""`staging_genesys_sessions` and `fact_sessions` (§6.1, §6.9): one row per participant session of the telling that counts.

Rows come by day of beginning, conversation, participant and session as told. Times are UTC, durations milliseconds. Not here: which telling
counts (`conversations.winning`), and how queues and agents got their versions (`reference`).
"""

from datetime import date

from .conversations import moment, participants, present, queue_sequence, session_durations, winning
from .facts import Versions
from .values import FAR, Row, instant, once_each, sha256


def skills(session: Row) -> list[str]:
    """The distinct skills asked for, by the start of their segments, missing last, then in the order told."""
    segments = sorted(present(session, "segments"), key=lambda segment: moment(segment, "segmentStart", FAR))
    return once_each(skill for segment in segments for skill in present(segment, "requestedRoutingSkillIds"))


def told_metrics(session: Row) -> list[Row]:
    """The session's metric entries in the order told, those of kinds nobody counts too."""
    found = []
    for entry in present(session, "metrics"):
        emitted = entry.get("emitDate")
        found.append({"name": entry.get("name"), "value": entry.get("value"), "emit_date": None if emitted is None else instant(emitted)})
    return found


def rows_of(record: Row) -> list[Row]:
    """The rows of one conversation; a session without an id, or with one told before, is a row all the same."""
    start = instant(record["conversationStart"])
    assert start is not None
    return [
        {
            "day_utc": start.date(),
            "conversation_id": record["conversationId"],
            "participant_id": participant.get("participantId"),
            "session_id": session.get("sessionId"),
            "purpose": participant.get("purpose"),
            "user_id": participant.get("userId"),
            "team_id": participant.get("teamId"),
            "queue_id": next(iter(queue_sequence([session])), None),
            "skill_ids": skills(session),
            "media_type": session.get("mediaType"),
            "direction": session.get("direction"),
            **session_durations(session),
            "metrics": told_metrics(session),
        }
        for participant in participants(record)
        for session in present(participant, "sessions")
    ]


def staging_sessions(tellings: list[Row], first_day: date) -> list[Row]:
    """All rows of `staging_genesys_sessions` of the conversations begun from the first day on."""
    found = [row for _, record, _ in winning(tellings) for row in rows_of(record)]
    return [row for row in found if row["day_utc"] >= first_day]


def fact_sessions(sessions: list[Row], metrics: list[Row], versions: Versions) -> list[Row]:
    """`fact_sessions`: without `metrics`, with the versions of queue and agent valid when the conversation began."""
    starts = {(row["conversation_start"].date(), row["conversation_id"]): row["conversation_start"] for row in metrics}
    return [
        {
            **{name: value for name, value in row.items() if name != "metrics"},
            "interaction_key": sha256(f"genesys|{row['conversation_id']}"),
            "queue_version_key": versions.at("queue", row["queue_id"], start).get("version_key"),
            "agent_version_key": versions.at("agent", row["user_id"], start).get("version_key"),
        }
        for row in sessions
        for start in [starts[row["day_utc"], row["conversation_id"]]]
    ]
