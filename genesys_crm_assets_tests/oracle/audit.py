"""How far to trust the figures: variance (§6.6), the linking's own audit (§6.3), and escalations by tier (§6.8)."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from statistics import fmean
from typing import Any

from .values import Row


def variance(theirs: dict[str, int], ours: dict[str, int]) -> float:
    """Σ over groups |ours - theirs| ÷ max(Σ theirs, 1), of one metric and statistic on one day; a group missing on a side counts 0."""
    apart = sum(abs(ours.get(group, 0) - theirs.get(group, 0)) for group in theirs.keys() | ours.keys())
    return apart / max(sum(theirs.values()), 1)


def unexplained(theirs: dict[str, int], ours: dict[str, int], with_all_told: dict[str, int]) -> float:
    """What is left of the variance when tellings of all raw days and readable quarantined records are counted too."""
    return min(variance(theirs, ours), variance(theirs, with_all_told))


def link_expectation(links: list[Row], day_of: Callable[[Row], date]) -> list[Row]:
    """By day and blind rule: how many cases that hold were told, and on how many the blind rule agrees."""
    groups: dict[tuple[date, str | None], list[Row]] = {}
    for link in links:
        if link["link_method"] == "case_attribute":
            groups.setdefault((day_of(link), link["blind_case_match_rule"]), []).append(link)
    return [
        {
            "day_utc": day,
            "blind_case_match_rule": rule,
            "told_cases": len(group),
            "agreeing": sum(each["blind_case_id"] == each["case_id"] for each in group),
        }
        for (day, rule), group in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    ]


def percent(part: int, whole: int) -> float:
    """The share in per cent with one decimal, halves rounded up as SQL does."""
    return int(Fraction(1000 * part, whole) + Fraction(1, 2)) / 10


def mean(values: list[Any]) -> float | None:
    """The mean of the values that are there; None over nothing."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def escalation_by_tier(interactions: list[Row], last_final_day: date) -> list[Row]:
    """Customer interactions of the 30 days that end with the last final one, by tier at the interaction, `Unknown` left out.

    Rates in per cent with one decimal; minutes over rows with handle time; ordered by mean LTV, the highest first, unknown ones last.
    """
    first_day = last_final_day - timedelta(days=29)
    tiers: dict[str, list[Row]] = {}
    for row in interactions:
        if first_day <= row["day_utc"] <= last_final_day and row["customer_tier"] not in (None, "Unknown"):
            tiers.setdefault(row["customer_tier"], []).append(row)
    found = []
    for tier, rows in tiers.items():
        escalated = sum(bool(row["was_escalated"]) for row in rows)
        handled = mean([row["handle_time_ms"] / 60_000 for row in rows if row["handle_time_ms"] > 0])
        found.append(
            {
                "customer_tier": tier,
                "total_contacts": len(rows),
                "escalations": escalated,
                "escalation_rate_pct": percent(escalated, len(rows)),
                "avg_handle_time_minutes": handled,
                "avg_customer_ltv": mean([row["ltv_usd"] for row in rows]),
            }
        )
    return sorted(found, key=lambda row: (row["avg_customer_ltv"] is None, -(row["avg_customer_ltv"] or 0), row["customer_tier"]))
