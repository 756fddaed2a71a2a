"""From a conversation to its row of `staging_genesys_metrics` (§6.1), and which telling of it counts.

Not here: why a record cannot be staged (`shape`), and anything about the CRM but how a told id is spelt.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from .shape import examine
from .values import FAR, LONG_AGO, Row, email, instant, midnight, milliseconds, once_each, phone, salesforce_id, sha256

CUSTOMER = ("customer", "external")
AGENT = ("agent", "user")
TRANSFERS = ("nTransferred", "nBlindTransferred", "nConsultTransferred")
FEEDS_WITH_ATTRIBUTES = ("conversation_jobs",)


@dataclass(frozen=True)
class Words:
    """The org's own attribute names, and the region of numbers told without a country."""

    case: str = "sfCaseId"
    account: str = "sfAccountId"
    contact: str = "sfContactId"
    escalated: str = "escalated"
    bot: str = "botHandled"
    phone_region: str = "US"


def present(container: Row, field: str) -> list[Any]:
    """The items told under a field; null items and an absent field are nothing."""
    return [item for item in container.get(field) or [] if item is not None]


def moment(container: Row, field: str, missing: datetime) -> datetime:
    """The time told under a field, else the stand-in that sorts it where the rule says."""
    told = container.get(field)
    return missing if told is None else instant(told) or missing


def participants(record: Row, purposes: tuple[str, ...] | None = None) -> list[Row]:
    """The participants in the order told, all or of these purposes."""
    return [each for each in present(record, "participants") if purposes is None or each.get("purpose") in purposes]


def sessions(record: Row, purposes: tuple[str, ...] | None = None) -> list[Row]:
    """Their sessions, in the order told."""
    return [session for each in participants(record, purposes) for session in present(each, "sessions")]


def values(session: Row, *names: str) -> list[int]:
    """The values of the session's metrics of these names, in the order told; an entry without a value says none."""
    entries = [entry for entry in present(session, "metrics") if entry.get("name") in names]
    return [entry["value"] for entry in entries if entry.get("value") is not None]


def metrics(record: Row, words: Words) -> Row:
    """Every column of `staging_genesys_metrics` that one record alone decides; times in UTC, durations in milliseconds."""
    start = instant(record["conversationStart"])
    assert start is not None
    told_end = record.get("conversationEnd")
    end = None if told_end is None else instant(told_end)
    return {
        "conversation_id": record["conversationId"],
        "conversation_start": start,
        "conversation_end": end,
        "duration_ms": None if end is None else milliseconds(end - start),
        "media_type": media_type(record),
        "direction": record.get("originatingDirection"),
        **queues(record),
        **agents(record),
        **durations(record),
        "disposition_code": disposition(record),
        "abandoned": any(entry.get("name") == "tAbandon" for session in sessions(record) for entry in present(session, "metrics")),
        "transferred": any(value > 0 for session in sessions(record, AGENT) for value in values(session, *TRANSFERS)),
        "external_contact_id": first(each.get("externalContactId") for each in participants(record, CUSTOMER)),
        "crm_case_id": told_id(record, words.case, "500"),
        "crm_account_id": told_id(record, words.account, "001"),
        "crm_contact_id": told_id(record, words.contact, "003"),
        "was_escalated": told_true(record, words.escalated),
        "handled_by_bot_only": told_true(record, words.bot),
        "qa_score": qa_score(record),
        "csat_score": latest_score(present(record, "surveys"), "oSurveyTotalScore", "surveyCompletedDate"),
        **customer(record, words.phone_region),
        "division_ids": present(record, "divisionIds"),
        "invalid_told_ids": invalid_ids(record, words),
    }


def first(candidates: Iterator[str | None]) -> str | None:
    """The first that is there."""
    return next((each for each in candidates if each is not None), None)


def media_type(record: Row) -> str | None:
    """Of the customers' first session with one, else of anybody's."""
    return first(session.get("mediaType") for session in sessions(record, CUSTOMER) + sessions(record))


def queue_sequence(some: list[Row]) -> list[str]:
    """Queue ids of the sessions' segments by segmentStart, missing last, then in the order told."""
    segments = [segment for session in some for segment in present(session, "segments") if segment.get("queueId") is not None]
    return [segment["queueId"] for segment in sorted(segments, key=lambda segment: moment(segment, "segmentStart", FAR))]


def queues(record: Row) -> Row:
    """First, last and distinct queues."""
    sequence = queue_sequence(sessions(record))
    return {
        "queue_id": sequence[0] if sequence else None,
        "last_queue_id": sequence[-1] if sequence else None,
        "queue_ids": once_each(sequence),
    }


def agents(record: Row) -> Row:
    """Who answered, by the start of their first interact segment, and who of them handled it longest."""
    answered: list[tuple[datetime, str, int]] = []
    for participant in participants(record, AGENT):
        own = present(participant, "sessions")
        starts = [
            moment(segment, "segmentStart", FAR)
            for session in own
            for segment in present(session, "segments")
            if segment.get("segmentType") == "interact"
        ]
        if starts and participant.get("userId") is not None:
            handled = sum(sum(values(session, "tHandle")) for session in own)
            answered.append((min(starts), participant["userId"], handled))
    in_order = once_each(user for _, user, _ in sorted(answered, key=lambda each: each[0]))
    totals = {user: sum(handled for _, other, handled in answered if other == user) for user in in_order}
    # max keeps the first of equals, which is the earlier agent.
    return {"agent_ids": in_order, "agent_id": max(in_order, key=lambda user: totals[user], default=None)}


def durations(record: Row) -> Row:
    """The five times, summed over all sessions of all participants."""
    return {name: sum(each[name] for each in map(session_durations, sessions(record))) for name in session_durations({})}


def session_durations(session: Row) -> dict[str, int]:
    """The five times of one session; talk and hold are told complete or in parts, never both counted."""
    return {
        "handle_time_ms": sum(values(session, "tHandle")),
        "wrap_up_time_ms": sum(values(session, "tAcw")),
        "queue_time_ms": sum(values(session, "tAcd")),
        "talk_time_ms": sum(values(session, "tTalkComplete") or values(session, "tTalk")),
        "hold_time_ms": sum(values(session, "tHeldComplete") or values(session, "tHeld")),
    }


def disposition(record: Row) -> str | None:
    """The code of the agents' wrap-up segment that ends last, among those with a code; of equals the last told."""
    coded = [
        segment
        for session in sessions(record, AGENT)
        for segment in present(session, "segments")
        if segment.get("segmentType") == "wrapup" and segment.get("wrapUpCode")
    ]
    in_order = sorted(coded, key=lambda segment: moment(segment, "segmentEnd", LONG_AGO))
    return first(each["wrapUpCode"] for each in reversed(in_order))


def told(record: Row, attribute: str) -> list[str]:
    """Every value told under an attribute, over all participants in order."""
    everyone = [each.get("attributes") or {} for each in participants(record)]
    return [each[attribute] for each in everyone if each.get(attribute) is not None]


def told_id(record: Row, attribute: str, prefix: str) -> str | None:
    """The last valid id told, as 18 characters."""
    valid = [full for full in (salesforce_id(value, prefix) for value in told(record, attribute)) if full is not None]
    return valid[-1] if valid else None


def invalid_ids(record: Row, words: Words) -> int:
    """How many values told as ids of a case, account or contact are none."""
    values = [
        (value, prefix)
        for name, prefix in ((words.case, "500"), (words.account, "001"), (words.contact, "003"))
        for value in told(record, name)
    ]
    return sum(salesforce_id(value, prefix) is None for value, prefix in values)


def told_true(record: Row, attribute: str) -> bool:
    """Is the last value told `true`, in any case."""
    return [value.lower() for value in told(record, attribute)][-1:] == ["true"]


def qa_score(record: Row) -> int | None:
    """The latest evaluation that counts: released, not deleted, not a calibration."""
    counted = [
        each
        for each in present(record, "evaluations")
        if each.get("released") is True and not each.get("deleted") and each.get("calibrationId") is None
    ]
    return latest_score(counted, "oTotalScore", "eventTime")


def latest_score(things: list[Row], score: str, when: str) -> int | None:
    """The score of the latest thing that has one; missing times first, of equals the last told."""
    scored = sorted((each for each in things if each.get(score) is not None), key=lambda each: moment(each, when, LONG_AGO))
    return scored[-1][score] if scored else None


def customer(record: Row, region: str) -> Row:
    """The customer's address as told, and what it is."""
    address = first(session_address(session) for session in sessions(record, CUSTOMER))
    return {"customer_address": address, "customer_phone": phone(address, region), "customer_email": email(address)}


def session_address(session: Row) -> str | None:
    """The customer's end of a session: whom we called, or who called us."""
    fields = ("dnis", "addressTo") if session.get("direction") == "outbound" else ("ani", "addressFrom")
    return first(session.get(field) for field in fields)


def precedence(telling: Row) -> tuple[bool, datetime, date, int, int]:
    """The order in which tellings of one conversation overrule each other."""
    carries = telling["feed"] in FEEDS_WITH_ATTRIBUTES
    return (carries, telling["received_at"], telling["raw_day"], telling["page"], telling["position"])


def stageable(tellings: list[Row]) -> list[tuple[Row, Row]]:
    """The tellings that can be staged, each with its record read."""
    fit = [each for each in tellings if examine(each["record"].encode(), each["raw_day"]) is None]
    return [(each, json.loads(each["record"])) for each in fit]


def provisional(telling: Row, others: list[Row]) -> bool:
    """Has no job whose data were available to the end of its raw day told these very bytes?"""
    return not any(
        each["feed"] == "conversation_jobs"
        and each["data_available_until"] is not None
        and each["data_available_until"] >= midnight(each["raw_day"] + timedelta(days=1))
        for each in others
        if sha256(each["record"]) == sha256(telling["record"])
    )


def winning(tellings: list[Row]) -> list[tuple[Row, Row, list[Row]]]:
    """Per day of beginning and conversation, in that order: the telling that counts, its record read, and all of its tellings."""
    groups: dict[tuple[date, str], list[tuple[Row, Row]]] = {}
    for telling, record in stageable(tellings):
        start = instant(record["conversationStart"])
        assert start is not None
        groups.setdefault((start.date(), record["conversationId"]), []).append((telling, record))
    found = []
    for _, group in sorted(groups.items(), key=lambda item: item[0]):
        telling, record = max(group, key=lambda pair: precedence(pair[0]))
        found.append((telling, record, [other for other, _ in group]))
    return found


def winner(tellings: list[Row], words: Words) -> list[Row]:
    """All rows of `staging_genesys_metrics` over all staged days: one per day of beginning and conversation, in that order."""
    return [
        {
            **metrics(record, words),
            "record_sha256": sha256(telling["record"]),
            "is_provisional": provisional(telling, others),
        }
        for telling, record, others in winning(tellings)
    ]
