"""A conversation as Genesys tells it, in the fields that staging reads, and whether a record can be one.

conversation → participants → sessions → segments and metrics; every field may be absent. Fields that no staging table reads are not here and
may hold anything; enums are texts, since new values come unannounced. Not here: what a table makes of a conversation.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from genesys_crm_assets.lake.errors import ObjectDamaged
from genesys_crm_assets.sources import json_bytes
from genesys_crm_assets.staging.conversation_fields import WrongType, settled

Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Moment = Annotated[datetime, Meta(tz=True)]


class Metric(Struct, rename="camel", frozen=True, gc=False):
    """One entry of a session's metrics: `t…` in milliseconds, `n…` a count, `o…` an observation."""

    name: str | None = None
    value: Whole | None = None
    emit_date: Moment | None = None


class Segment(Struct, rename="camel", frozen=True, gc=False):
    """One state within a session: alert, interact, hold, wrapup and others."""

    segment_start: Moment | None = None
    segment_end: Moment | None = None
    segment_type: str | None = None
    queue_id: str | None = None
    wrap_up_code: str | None = None
    requested_routing_skill_ids: list[str] | None = None


class Session(Struct, rename="camel", frozen=True, gc=False):
    """One participant's part on one medium."""

    session_id: str | None = None
    media_type: str | None = None
    direction: str | None = None
    ani: str | None = None
    dnis: str | None = None
    address_from: str | None = None
    address_to: str | None = None
    segments: list[Segment] | None = None
    metrics: list[Metric] | None = None


class Participant(Struct, rename="camel", frozen=True, gc=False):
    """A party to the conversation: a customer, an agent, a queue (`acd`), a flow."""

    participant_id: str | None = None
    purpose: str | None = None
    user_id: str | None = None
    team_id: str | None = None
    external_contact_id: str | None = None
    attributes: dict[str, str] | None = None
    sessions: list[Session] | None = None


class Evaluation(Struct, rename="camel", frozen=True, gc=False):
    """A quality evaluation of the conversation."""

    o_total_score: float | None = None
    event_time: Moment | None = None
    released: bool | None = None
    deleted: bool | None = None
    calibration_id: str | None = None


class Survey(Struct, rename="camel", frozen=True, gc=False):
    """A survey that the customer was sent."""

    o_survey_total_score: float | None = None
    survey_completed_date: Moment | None = None
    event_time: Moment | None = None


class Conversation(Struct, rename="camel", frozen=True, gc=False):
    """The record; times carry an offset, mostly UTC's."""

    conversation_id: str | None = None
    conversation_start: Moment | None = None
    conversation_end: Moment | None = None
    originating_direction: str | None = None
    division_ids: list[str] | None = None
    participants: list[Participant] | None = None
    evaluations: list[Evaluation] | None = None
    surveys: list[Survey] | None = None


REASONS = (
    "not_an_object",
    "missing_id",
    "missing_start",
    "missing_participants",
    "wrong_type",
    "end_before_start",
    "starts_after_day",
)
"""Why a record is set aside; of several reasons the first (§6.5)."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A record that can be staged: its conversation and the UTC day that began."""

    conversation_id: str
    start_day: date


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that cannot be staged.

    Attributes:
        reason: one of `REASONS`.
        detail: where and what kind, never a value.
        conversation_id: as far as the record tells it.
    """

    reason: str
    detail: str
    conversation_id: str | None = None


_DECODER = msgspec.json.Decoder(Conversation)
_ODD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def examine(record: bytes, raw_day: date) -> Telling | Rejection:
    """Whether a record told on a raw day can be staged (§6.1, §6.5, S2-43).

    Unknown fields and unknown enum values are no reason, and null is absent.
    """
    try:
        conversation = _DECODER.decode(record)
    except _ODD:
        found = _read(record)
        if isinstance(found, Rejection):
            return found
        conversation = found
    return _timely(conversation, raw_day)


def decode(record: bytes) -> Conversation:
    """The conversation of a record that `examine` let pass; raises `ObjectDamaged` for any other."""
    try:
        return _DECODER.decode(record)
    except _ODD:
        found = _read(record)
    if isinstance(found, Rejection):
        raise ObjectDamaged(f"a staged record is no conversation ({found.detail}); materialise staging_genesys_tellings again")
    return found


def milliseconds(moment: datetime) -> datetime:
    """A time as tables hold it: UTC without saying so, finer than a millisecond cut off; `OverflowError` before year 1 or after 9999."""
    utc = moment.astimezone(UTC)
    return utc.replace(tzinfo=None, microsecond=utc.microsecond // 1000 * 1000)


def _read(record: bytes) -> Conversation | Rejection:
    """Read field by field what the fast decoder refused."""
    try:
        told = json_bytes.value(record)
    except ValueError:
        return Rejection("not_an_object", "record: not JSON")
    if not isinstance(told, dict):
        return Rejection("not_an_object", "record: not an object")
    if (missing := _missing(told)) is not None:
        return missing
    try:
        return msgspec.convert(settled(told, Conversation), Conversation)
    except WrongType as wrong:
        return Rejection("wrong_type", str(wrong), _id_of(told))


def _missing(told: dict[str, Any]) -> Rejection | None:
    if told.get("conversationId") is None:
        return Rejection("missing_id", "conversationId: absent")
    if told.get("conversationStart") is None:
        return Rejection("missing_start", "conversationStart: absent", _id_of(told))
    if not isinstance(told.get("participants"), list):
        kind = "absent" if told.get("participants") is None else "not an array"
        return Rejection("missing_participants", f"participants: {kind}", _id_of(told))
    return None


def _id_of(told: dict[str, Any]) -> str | None:
    return json_bytes.storable(found) if isinstance(found := told.get("conversationId"), str) else None


def _timely(conversation: Conversation, raw_day: date) -> Telling | Rejection:
    name, start, end = conversation.conversation_id, conversation.conversation_start, conversation.conversation_end
    if name is None or start is None or conversation.participants is None:
        told = {"conversationId": name, "conversationStart": start, "participants": conversation.participants}
        return _missing(told) or Rejection("missing_participants", "participants: absent", name)
    for field, moment in (("conversationStart", start), ("conversationEnd", end)):
        if moment is not None and not _in_calendar(moment):
            return Rejection("wrong_type", f"{field}: not a time", name)
    if end is not None and end < start:
        return Rejection("end_before_start", "conversationEnd: before conversationStart", name)
    start_day = milliseconds(start).date()
    if start_day > raw_day:
        return Rejection("starts_after_day", "conversationStart: after the end of the day that told it", name)
    return Telling(name, start_day)


def _in_calendar(moment: datetime) -> bool:
    try:
        milliseconds(moment)
    except OverflowError:
        return False
    return True
