"""May a record be staged, and if not, why: the reasons of §6.5 over the types of §6.1.

A type is a function from a JSON value to whether it is of that type; null is absent everywhere and never asked about. Only fields that
a staging table uses are named; unknown fields and unknown enum values are nobody's business.
"""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from .values import Row, instant, midnight

Check = Callable[[Any], bool]


def text(value: Any) -> bool:
    """A string: ids, enums, addresses."""
    return isinstance(value, str)


def whole(value: Any) -> bool:
    """An integer of 64 bits: durations and counts; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def number(value: Any) -> bool:
    """A number, whole or not: scores, which are neither times nor counts."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def flag(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def moment(value: Any) -> bool:
    """ISO-8601 with offset or Z."""
    return isinstance(value, str) and instant(value) is not None


def attributes(value: Any) -> bool:
    """An object of strings."""
    return isinstance(value, dict) and all(isinstance(told, str) for told in value.values() if told is not None)


def many(item: Check) -> Check:
    """An array of such items."""
    return lambda value: isinstance(value, list) and all(item(each) for each in value if each is not None)


def shaped(**fields: Check) -> Check:
    """An object whose named fields, where present, are of these types."""
    return lambda value: isinstance(value, dict) and all(fits(value[name]) for name, fits in fields.items() if value.get(name) is not None)


METRIC = shaped(name=text, value=whole, emitDate=moment)
SEGMENT = shaped(
    segmentStart=moment, segmentEnd=moment, segmentType=text, queueId=text, wrapUpCode=text, requestedRoutingSkillIds=many(text)
)
SESSION = shaped(
    sessionId=text,
    mediaType=text,
    direction=text,
    ani=text,
    dnis=text,
    addressFrom=text,
    addressTo=text,
    segments=many(SEGMENT),
    metrics=many(METRIC),
)
PARTICIPANT = shaped(
    participantId=text,
    purpose=text,
    userId=text,
    teamId=text,
    externalContactId=text,
    attributes=attributes,
    sessions=many(SESSION),
)
EVALUATION = shaped(oTotalScore=number, eventTime=moment, released=flag, deleted=flag, calibrationId=text)
SURVEY = shaped(oSurveyTotalScore=number, surveyCompletedDate=moment, eventTime=moment)
CONVERSATION = shaped(
    conversationId=text,
    conversationStart=moment,
    conversationEnd=moment,
    originatingDirection=text,
    divisionIds=many(text),
    participants=many(PARTICIPANT),
    evaluations=many(EVALUATION),
    surveys=many(SURVEY),
)

_REQUIRED = (("conversationId", "missing_id"), ("conversationStart", "missing_start"))


def examine(record: bytes, raw_day: date) -> str | None:
    """Why a record told on a raw day cannot be staged: the first reason of §6.5's list that applies; None where it can."""
    try:
        told = json.loads(record)
    except ValueError:
        return "not_an_object"
    if not isinstance(told, dict):
        return "not_an_object"
    for field, reason in _REQUIRED:
        if told.get(field) is None:
            return reason
    if not isinstance(told.get("participants"), list):
        return "missing_participants"
    if not CONVERSATION(told):
        return "wrong_type"
    return untimely(told, raw_day)


def untimely(told: Row, raw_day: date) -> str | None:
    """Why a record of the right types cannot have been told on a raw day; None where it can."""
    start = instant(told["conversationStart"])
    end = None if told.get("conversationEnd") is None else instant(told["conversationEnd"])
    assert start is not None
    if end is not None and end < start:
        return "end_before_start"
    # The day is half-open: a start at the very midnight that ends it belongs to the next one.
    return "starts_after_day" if start >= midnight(raw_day + timedelta(days=1)) else None
