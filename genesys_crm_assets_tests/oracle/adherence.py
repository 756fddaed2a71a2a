"""`fact_agent_adherence` (§6.9): agent and day, from downloaded results as the vendor tells them.

A result told is `raw_day` and `result` (the vendor's JSON object of one management unit). Not here: how it was asked for.
"""

from datetime import date, timedelta

from .conversations import present
from .values import Row, instant

COLUMNS = {
    "adherence_schedule_seconds": "adherenceScheduleSeconds",
    "conformance_schedule_seconds": "conformanceScheduleSeconds",
    "conformance_actual_seconds": "conformanceActualSeconds",
    "exception_count": "exceptionCount",
    "exception_seconds": "exceptionDurationSeconds",
    "impact_seconds": "impactSeconds",
}
PERCENTAGES = {"adherence_percentage": "adherencePercentage", "conformance_percentage": "conformancePercentage"}


def metric_of(result: Row, user: Row, day: date) -> Row | None:
    """The user's metric whose offset from the result's start falls on the day; None where the result says nothing of that day."""
    begin = instant(result["startDate"])
    assert begin is not None
    for metric in present(user, "dayMetrics"):
        if (begin + timedelta(seconds=metric.get("dayStartOffsetSeconds") or 0)).date() == day:
            found: Row = metric
            return found
    return None


def fact_adherence(results: list[Row]) -> list[Row]:
    """All rows, by day and agent; of two units that tell of one agent the one with the longer schedule."""
    best: dict[tuple[date, str], Row] = {}
    for told in results:
        for user in present(told["result"], "userResults"):
            metric = metric_of(told["result"], user, told["raw_day"])
            if metric is None:
                continue
            row = {"day_utc": told["raw_day"], "agent_id": user["userId"]}
            row |= {column: metric.get(name) if metric.get(name) is not None else user.get(name) for column, name in PERCENTAGES.items()}
            row |= {column: metric.get(name) for column, name in COLUMNS.items()}
            key = (told["raw_day"], user["userId"])
            if key not in best or (row["adherence_schedule_seconds"] or 0) > (best[key]["adherence_schedule_seconds"] or 0):
                best[key] = row
    return [best[key] for key in sorted(best)]
