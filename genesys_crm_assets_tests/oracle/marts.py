"""Answers (§6.8): performance of queues and agents, bots by industry, volume.

Days are UTC. Percentages have one decimal, halves rounded away from zero as SQL does; other ratios are unrounded. Not here: escalations by
tier (`audit`) and by release (`releases`), and outcomes (`outcomes`).
"""

from collections.abc import Collection
from datetime import date

from .audit import percent
from .facts import Versions
from .values import Row, midnight

SECONDS = {
    "handle_time_sec": "handle_time_ms",
    "talk_time_sec": "talk_time_ms",
    "wait_time_sec": "queue_time_ms",
    "wrap_up_time_sec": "wrap_up_time_ms",
}
USED = ("nOffered", "tAnswered", "tAbandon", "tHandle", "nOverSla")


def ratio(above: float, below: int) -> float | None:
    """The quotient; None with nothing below the line."""
    return above / below if below else None


def performance(rows: list[Row]) -> Row:
    """The measures of some rows of `fact_queue_activity`; times in milliseconds."""
    counts = dict.fromkeys(USED, 0)
    sums = dict.fromkeys(USED, 0)
    for row in rows:
        if row["metric"] in USED:
            counts[row["metric"]] += row["count"]
            sums[row["metric"]] += row["sum"] or 0
    answered, abandoned = counts["tAnswered"], counts["tAbandon"]
    return {
        "offered": counts["nOffered"],
        "answered": answered,
        "abandoned": abandoned,
        "abandon_rate": ratio(abandoned, counts["nOffered"]),
        "asa_ms": ratio(sums["tAnswered"], answered),
        "aht_ms": ratio(sums["tHandle"], counts["tHandle"]),
        "service_level": ratio(answered - counts["nOverSla"], answered + abandoned),
    }


def grouped(activity: list[Row], *columns: str) -> dict[tuple[object, ...], list[Row]]:
    """The rows by these columns; those without a value in one of them belong nowhere."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in activity:
        key = tuple(row[column] for column in columns)
        if None not in key:
            groups.setdefault(key, []).append(row)
    return groups


def queue_performance(activity: list[Row], versions: Versions) -> list[Row]:
    """All rows: queue and quarter hour in which anything was measured; `activity` with `day_utc`."""
    return [
        {
            "day_utc": rows[0]["day_utc"],
            "queue_id": rows[0]["queue_id"],
            "queue_name": versions.at("queue", rows[0]["queue_id"], rows[0]["interval_start_utc"]).get("name"),
            "interval_start_utc": rows[0]["interval_start_utc"],
            **performance(rows),
        }
        for rows in grouped(activity, "queue_id", "interval_start_utc").values()
    ]


def agent_performance(activity: list[Row], versions: Versions) -> list[Row]:
    """All rows: agent and day likewise; the name is the one at the day's start."""
    return [
        {
            "day_utc": rows[0]["day_utc"],
            "agent_id": rows[0]["agent_id"],
            "agent_name": versions.at("agent", rows[0]["agent_id"], midnight(rows[0]["day_utc"])).get("name"),
            **performance(rows),
        }
        for rows in grouped(activity, "agent_id", "day_utc").values()
    ]


def bot_containment_by_industry(customers: list[Row], final_days: Collection[date]) -> list[Row]:
    """Customer interactions of the last seven final days by industry at the interaction, those without one left out; by industry."""
    days = sorted(final_days)[-7:]
    industries: dict[str, list[Row]] = {}
    for row in customers:
        if row["day_utc"] in days and row["industry"] is not None:
            industries.setdefault(row["industry"], []).append(row)
    return [
        {
            "industry": industry,
            "total_contacts": len(rows),
            "bot_containment_pct": percent(sum(bool(row["handled_by_bot_only"]) for row in rows), len(rows)),
            "abandon_rate_pct": percent(sum(bool(row["abandoned"]) for row in rows), len(rows)),
        }
        for industry, rows in sorted(industries.items())
    ]


def interaction_volume(facts: list[Row]) -> list[Row]:
    """Interactions of both facts by the UTC day they began and by channel, in capitals, None where no media type was told; seconds added up."""
    groups: dict[tuple[date, str | None], list[Row]] = {}
    for fact in facts:
        channel = None if fact["media_type"] is None else fact["media_type"].upper()
        groups.setdefault((fact["day_utc"], channel), []).append(fact)
    return [
        {
            "created_date": day,
            "channel": channel,
            "interactions": len(groups[day, channel]),
            "abandoned": sum(bool(row["abandoned"]) for row in groups[day, channel]),
            **{column: sum(row[told] for row in groups[day, channel]) / 1000 for column, told in SECONDS.items()},
        }
        for day, channel in sorted(groups, key=lambda key: (key[0], key[1] or ""))
    ]
