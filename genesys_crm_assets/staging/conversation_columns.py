"""The rules that make one row of `staging_genesys_metrics` of one conversation (§6.1), each rule a function of its own.

"In order" is the order told. Where several things could be meant, the reading is written at the rule. Not here: which telling of a
conversation wins, or how rows become a table.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from genesys_crm_assets.staging import addresses, record_ids
from genesys_crm_assets.staging.conversation import Conversation, Participant, Segment, Session, milliseconds

CUSTOMERS = frozenset({"customer", "external"})
AGENTS = frozenset({"agent", "user"})
TRANSFERS = frozenset({"nTransferred", "nBlindTransferred", "nConsultTransferred"})
_LARGEST = 2**63 - 1
_MILLISECOND = timedelta(milliseconds=1)
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_AFTER_ALL = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Words:
    """The org's own words, as `audit.settings` has them: participant attribute names, what counts as true, and its phone region."""

    attribute_case_id: str
    attribute_account_id: str
    attribute_contact_id: str
    attribute_escalated: str
    attribute_escalated_value: str
    attribute_bot_only: str
    attribute_bot_only_value: str
    default_phone_region: str


def columns_of(conversation: Conversation, words: Words) -> dict[str, Any]:
    """The columns that a conversation tells by itself, by name; times UTC in milliseconds, durations in milliseconds."""
    start, end = conversation.conversation_start, conversation.conversation_end
    begun = milliseconds(start) if start is not None else None
    ended = milliseconds(end) if end is not None else None
    return {
        "conversation_id": conversation.conversation_id,
        "conversation_start": begun,
        "conversation_end": ended,
        "duration_ms": (ended - begun) // _MILLISECOND if begun is not None and ended is not None else None,
        "media_type": _media_type(conversation),
        "direction": conversation.originating_direction,
        **_queues(conversation),
        **_agents(conversation),
        **_durations(conversation),
        "disposition_code": _disposition(conversation),
        "abandoned": any(metric.name == "tAbandon" for session in _sessions(conversation) for metric in session.metrics or ()),
        "transferred": _transferred(conversation),
        "external_contact_id": _first(one.external_contact_id for one in _of(conversation, CUSTOMERS)),
        **_told(conversation, words),
        "qa_score": _qa_score(conversation),
        "csat_score": _csat_score(conversation),
        **_address(conversation, words.default_phone_region),
        "division_ids": conversation.division_ids or [],
    }


def session_queue(session: Session) -> str | None:
    """The queue a session was for: the first queueId by segmentStart, missing starts last, then in the order told."""
    told = [segment for segment in session.segments or () if segment.queue_id is not None]
    return min(told, key=_start).queue_id if told else None


def session_skills(session: Session) -> list[str]:
    """The skills a session asked for, once each: by segmentStart, missing starts last, then in the order told."""
    told = (skill for segment in sorted(session.segments or (), key=_start) for skill in segment.requested_routing_skill_ids or ())
    return list(dict.fromkeys(told))


def session_durations(session: Session) -> dict[str, int]:
    """The five times of a session in milliseconds, 0 where none was told; a complete talk or hold time replaces its parts."""
    sums: dict[str, int] = {}
    for metric in session.metrics or ():
        if metric.name is not None and metric.value is not None:
            sums[metric.name] = sums.get(metric.name, 0) + metric.value
    return {
        "handle_time_ms": sums.get("tHandle", 0),
        "talk_time_ms": sums.get("tTalkComplete", sums.get("tTalk", 0)),
        "hold_time_ms": sums.get("tHeldComplete", sums.get("tHeld", 0)),
        "wrap_up_time_ms": sums.get("tAcw", 0),
        "queue_time_ms": sums.get("tAcd", 0),
    }


def _of(conversation: Conversation, purposes: frozenset[str]) -> Iterator[Participant]:
    return (participant for participant in conversation.participants or () if participant.purpose in purposes)


def _sessions(conversation: Conversation) -> Iterator[Session]:
    return (session for participant in conversation.participants or () for session in participant.sessions or ())


def _segments(participants: Iterable[Participant]) -> Iterator[Segment]:
    return (segment for one in participants for session in one.sessions or () for segment in session.segments or ())


def _first(told: Iterable[str | None]) -> str | None:
    return next((value for value in told if value is not None), None)


def _start(segment: Segment) -> tuple[bool, datetime]:
    return segment.segment_start is None, segment.segment_start or _AFTER_ALL


def _media_type(conversation: Conversation) -> str | None:
    customers = _first(session.media_type for one in _of(conversation, CUSTOMERS) for session in one.sessions or ())
    return customers if customers is not None else _first(session.media_type for session in _sessions(conversation))


def _queues(conversation: Conversation) -> dict[str, Any]:
    told = [segment for segment in _segments(conversation.participants or ()) if segment.queue_id is not None]
    sequence = [segment.queue_id for segment in sorted(told, key=_start)]
    return {
        "queue_id": sequence[0] if sequence else None,
        "last_queue_id": sequence[-1] if sequence else None,
        "queue_ids": list(dict.fromkeys(sequence)),
    }


def _agents(conversation: Conversation) -> dict[str, Any]:
    """Who spoke, in the sequence they first did, and who of them handled longest; one user may be several participants."""
    begun: dict[str, tuple[bool, datetime]] = {}
    handled: dict[str, int] = {}
    for participant in _of(conversation, AGENTS):
        spoken = [_start(segment) for segment in _segments((participant,)) if segment.segment_type == "interact"]
        if (user := participant.user_id) is None or not spoken:
            continue
        begun[user] = min(begun.get(user, spoken[0]), *spoken)
        handled[user] = handled.get(user, 0) + _handled(participant)
    sequence = sorted(begun, key=lambda user: begun[user])
    return {"agent_ids": sequence, "agent_id": max(sequence, key=lambda user: handled[user], default=None)}


def _handled(participant: Participant) -> int:
    metrics = (metric for session in participant.sessions or () for metric in session.metrics or ())
    return sum(metric.value for metric in metrics if metric.name == "tHandle" and metric.value is not None)


def _durations(conversation: Conversation) -> dict[str, int]:
    totals = dict.fromkeys(("handle_time_ms", "talk_time_ms", "hold_time_ms", "wrap_up_time_ms", "queue_time_ms"), 0)
    for session in _sessions(conversation):
        for name, value in session_durations(session).items():
            totals[name] += value
    return {name: max(-_LARGEST, min(total, _LARGEST)) for name, total in totals.items()}


def _disposition(conversation: Conversation) -> str | None:
    """A wrap-up segment without a code says nothing, so the latest one that has a code speaks."""
    wrapped = (one for one in _segments(_of(conversation, AGENTS)) if one.segment_type == "wrapup" and one.wrap_up_code)
    latest = _latest((segment.segment_end, segment.wrap_up_code) for segment in wrapped)
    return latest if latest is None else str(latest)


def _latest(told: Iterable[tuple[datetime | None, Any]]) -> Any:
    """The value of the latest moment, missing moments first, ties to the last told; null where nothing was told."""
    found = list(told)
    if not found:
        return None
    return max(enumerate(found), key=lambda one: (one[1][0] is not None, one[1][0] or _BEFORE_ALL, one[0]))[1][1]


def _transferred(conversation: Conversation) -> bool:
    return any(
        metric.name in TRANSFERS and (metric.value or 0) > 0
        for one in _of(conversation, AGENTS)
        for session in one.sessions or ()
        for metric in session.metrics or ()
    )


def _told(conversation: Conversation, words: Words) -> dict[str, Any]:
    """What the org's flows wrote into participant attributes: the last valid id of each kind, the last word on each flag."""
    attributes = [one.attributes for one in conversation.participants or () if one.attributes]
    kinds = (
        ("crm_case_id", words.attribute_case_id, "500"),
        ("crm_account_id", words.attribute_account_id, "001"),
        ("crm_contact_id", words.attribute_contact_id, "003"),
    )
    told: dict[str, Any] = {}
    invalid = 0
    for column, name, prefix in kinds:
        values = [record_ids.record_id(one[name], prefix) for one in attributes if name in one]
        valid = [value for value in values if value is not None]
        told[column] = valid[-1] if valid else None
        invalid += len(values) - len(valid)
    told["was_escalated"] = _says(attributes, words.attribute_escalated, words.attribute_escalated_value)
    told["handled_by_bot_only"] = _says(attributes, words.attribute_bot_only, words.attribute_bot_only_value)
    return told | {"invalid_told_ids": invalid}


def _says(attributes: list[dict[str, str]], name: str, value: str) -> bool:
    told = [one[name] for one in attributes if name in one]
    return bool(told) and told[-1].lower() == value.lower()


def _qa_score(conversation: Conversation) -> float | None:
    counted = (
        (one.event_time, one.o_total_score)
        for one in conversation.evaluations or ()
        if one.o_total_score is not None and one.released is True and not one.deleted and one.calibration_id is None
    )
    score: float | None = _latest(counted)
    return score


def _csat_score(conversation: Conversation) -> float | None:
    answered = (one for one in conversation.surveys or () if one.o_survey_total_score is not None)
    score: float | None = _latest((one.survey_completed_date, one.o_survey_total_score) for one in answered)
    return score


def _address(conversation: Conversation, region: str) -> Mapping[str, str | None]:
    address = _first(_customer_side(session) for one in _of(conversation, CUSTOMERS) for session in one.sessions or ())
    return {
        "customer_address": address,
        "customer_phone": addresses.phone(address, region),
        "customer_email": addresses.email(address),
    }


def _customer_side(session: Session) -> str | None:
    if session.direction == "outbound":
        return session.dnis if session.dnis is not None else session.address_to
    return session.ani if session.ani is not None else session.address_from
