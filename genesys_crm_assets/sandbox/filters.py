"""Genesys' detail filters: and/or of predicates over the conversation, its segments, its evaluations and its surveys.

A segment filter holds when one segment, with its session and participant, satisfies all of it. Not here: the interval.
"""

from collections.abc import Callable, Iterator
from typing import Any

from genesys_crm_assets.sandbox import clock, vocabulary
from genesys_crm_assets.sandbox.draft import Body
from genesys_crm_assets.sandbox.refusals import Refusal, genesys, invalid_value

Test = Callable[[Body], bool]

_PLURALS = {
    "divisionId": "divisionIds",
    "accessAttribute": "accessAttributes",
    "requestedRoutingSkillId": "requestedRoutingSkillIds",
    "requestedRouting": "requestedRoutings",
}
_PLURALS |= {"sipResponseCode": "sipResponseCodes", "destinationAddress": "destinationAddresses", "callbackNumber": "callbackNumbers"}
_OPERATORS = ("matches", "exists", "notExists")
_BOUNDS: dict[str, Callable[[float, float], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}
_LISTS = {
    "conversationFilters": vocabulary.CONVERSATION_DIMENSIONS,
    "segmentFilters": vocabulary.SEGMENT_DIMENSIONS,
    "evaluationFilters": vocabulary.EVALUATION_DIMENSIONS,
    "surveyFilters": vocabulary.SURVEY_DIMENSIONS,
    "resolutionFilters": frozenset[str](),
}


def compiled(query: Body) -> Test | None:
    """What a query's five lists ask of a conversation; none where they ask nothing.

    Raises:
        Refusal: a word Genesys does not know (400 `invalid.value`).
    """
    tests = [_over(name, _group(name, entry)) for name in _LISTS for entry in query.get(name) or ()]
    return (lambda record: all(test(record) for test in tests)) if tests else None


def _over(name: str, test: Test) -> Test:
    views = {
        "segmentFilters": _segments,
        "conversationFilters": _whole,
        "evaluationFilters": _part("evaluations"),
        "surveyFilters": _part("surveys"),
        "resolutionFilters": _part("resolutions"),
    }
    view = views[name]
    return lambda record: any(test(part) for part in view(record))


def _part(name: str) -> Callable[[Body], Iterator[Body]]:
    return lambda record: iter(record.get(name, ()))


def _whole(record: Body) -> Iterator[Body]:
    sessions = [session for participant in record["participants"] for session in participant.get("sessions", ())]
    totals: Body = {}
    for metric in (metric for session in sessions for metric in session.get("metrics", ())):
        totals[metric["name"]] = totals.get(metric["name"], 0) + metric["value"]
    yield totals | record


def _segments(record: Body) -> Iterator[Body]:
    for participant in record["participants"]:
        for session in participant.get("sessions", ()):
            for segment in session.get("segments", ()):
                yield participant | session | session.get("flow", {}) | segment


def _group(name: str, entry: Body) -> Test:
    kind = entry.get("type", "and")
    if kind not in {"and", "or"}:
        raise invalid_value(kind, "QueryFilterType", ("and", "or"))
    tests = [_predicate(name, predicate) for predicate in entry.get("predicates") or ()]
    tests += [_group(name, clause) for clause in entry.get("clauses") or ()]
    combine = all if kind == "and" else any
    return lambda part: combine(test(part) for test in tests)


def _predicate(name: str, predicate: Body) -> Test:
    operator = predicate.get("operator") or "matches"
    if operator not in _OPERATORS:
        raise invalid_value(operator, "QueryOperator", _OPERATORS)
    subject = _subject(name, predicate)
    if operator == "exists":
        return lambda part: bool(_values(part, subject))
    if operator == "notExists":
        return lambda part: not _values(part, subject)
    wanted = _wanted(predicate)
    return lambda part: any(wanted(value) for value in _values(part, subject))


def _subject(name: str, predicate: Body) -> str:
    if "metric" in predicate:
        if predicate["metric"] not in vocabulary.DETAIL_METRICS and not str(predicate["metric"]).startswith(
            ("oTotal", "oSurvey", "tSegment")
        ):
            raise invalid_value(predicate["metric"], "ConversationMetric", vocabulary.DETAIL_METRICS)
        return str(predicate["metric"])
    dimension = predicate.get("dimension")
    if dimension not in _LISTS[name]:
        raise invalid_value(dimension, f"{name[0].upper()}{name[1:-7]}DetailDimension", _LISTS[name])
    return _PLURALS.get(str(dimension), str(dimension))


def _values(part: Body, subject: str) -> list[Any]:
    value = part.get(subject)
    return value if isinstance(value, list) else [] if value is None else [value]


def _wanted(predicate: Body) -> Callable[[Any], bool]:
    bounds = {name: _number(bound) for name, bound in (predicate.get("range") or {}).items() if bound is not None}
    if unknown := bounds.keys() - _BOUNDS.keys():
        raise invalid_value(min(unknown), "NumericRange", _BOUNDS)
    if bounds:
        return lambda value: all(_BOUNDS[name](_number(value), bound) for name, bound in bounds.items())
    text = str(predicate.get("value"))
    if "/" in text and text[:4].isdigit():
        try:
            start, end = clock.interval(text)
        except ValueError as error:
            raise Refusal(genesys(400, f"Value [{text}] is not a valid interval.", "invalid.date")) from error
        return lambda value: start <= _number(value) < end
    return lambda value: (str(value).lower() if isinstance(value, bool) else str(value)) == text


def _number(value: Any) -> float:
    """A bound or a value on one scale: times count as epoch milliseconds."""
    if isinstance(value, str) and "T" in value:
        return clock.parse(value)
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise Refusal(genesys(400, f"Value [{value}] is not a number.")) from error
