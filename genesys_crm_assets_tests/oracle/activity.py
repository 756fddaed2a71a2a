"""`fact_queue_activity` of one day (§6.1): the metrics emitted on it, as the vendor's own screen counts them.

Not here: the reconciliation with what the vendor says (`audit`).
"""

from datetime import date, datetime

from .conversations import participants, precedence, present, queue_sequence, stageable
from .values import Row, instant


def quarter_hour(moment: datetime) -> datetime:
    """The quarter hour a moment lies in."""
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)


def entries(record: Row, day: date) -> list[tuple[Row, int]]:
    """The metric entries emitted on the day, each under the row it counts for."""
    found = []
    for participant in participants(record):
        for session in present(participant, "sessions"):
            queue = next(iter(queue_sequence([session])), None)
            for entry in present(session, "metrics"):
                emitted = None if entry.get("emitDate") is None else instant(entry["emitDate"])
                if emitted is None or emitted.date() != day or (entry.get("name") or " ")[0] not in "nt":
                    continue
                key = {
                    "interval_start_utc": quarter_hour(emitted),
                    "queue_id": queue,
                    "agent_id": participant.get("userId"),
                    "media_type": session.get("mediaType"),
                    "metric": entry["name"],
                }
                found.append((key, entry.get("value") or 0))
    return found


def queue_activity(tellings: list[Row], day: date) -> list[Row]:
    """Rows of `fact_queue_activity` of a raw day, from the last stageable telling of each conversation within it; unordered."""
    latest: dict[str, tuple[Row, Row]] = {}
    for telling, record in stageable([each for each in tellings if each["raw_day"] == day]):
        known = latest.get(record["conversationId"])
        if known is None or precedence(telling) > precedence(known[0]):
            latest[record["conversationId"]] = (telling, record)
    groups: dict[tuple[object, ...], list[tuple[Row, int]]] = {}
    for _, record in latest.values():
        for key, value in entries(record, day):
            groups.setdefault(tuple(key.values()), []).append((key, value))
    return [counted(group) for group in groups.values()]


def counted(group: list[tuple[Row, int]]) -> Row:
    """One row: `n…` metrics are counts in themselves, `t…` metrics are counted and summed."""
    key = group[0][0]
    total = sum(value for _, value in group)
    if key["metric"].startswith("n"):
        return {**key, "count": total, "sum": None}
    return {**key, "count": len(group), "sum": total}
