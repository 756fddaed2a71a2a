"""`dim_product_release` and `escalation_by_release` (§6.8): did a release change how often a tier's customers are escalated?

A list observed is `observed_at` and `releases`, each `release, product, released_at` (UTC). Rates are per cent, differences points, both
unrounded. Not here: the arithmetic of chance (`significance`).
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from .significance import holm, newcombe, pooled_z
from .values import MILLISECOND, Row

WEEK = timedelta(hours=7 * 24)


def dim_product_release(lists: list[Row]) -> list[Row]:
    """The releases of the list last observed, each once, by moment, product and name."""
    if not lists:
        return []
    last = max(lists, key=lambda each: each["observed_at"])["releases"]
    rows = {(each["released_at"], each["product"], each["release"]) for each in last}
    return [{"release": release, "product": product, "released_at": moment} for moment, product, release in sorted(rows)]


def days_of(begin: datetime, end: datetime) -> list[date]:
    """Every UTC day that `[begin, end)` touches."""
    last = (end - MILLISECOND).date()
    return [begin.date() + timedelta(days=n) for n in range((last - begin.date()).days + 1)]


def counted(interactions: list[Row], tier: str, begin: datetime, end: datetime) -> tuple[int, int]:
    """A tier's contacts and escalations among the interactions that start in `[begin, end)`."""
    mine = [row for row in interactions if row["customer_tier_at_interaction"] == tier and begin <= row["conversation_start"] < end]
    return len(mine), sum(bool(row["was_escalated"]) for row in mine)


def compared(interactions: list[Row], release: Row, tier: str) -> Row:
    """The row of a release and a tier, without what depends on the other tiers.

    Where a week has no contacts there is no interval; where all or none of both weeks' contacts were escalated, no p either.
    """
    moment = release["released_at"]
    before, escalated_before = counted(interactions, tier, moment - WEEK, moment)
    after, escalated_after = counted(interactions, tier, moment, moment + WEEK)
    both = before > 0 and after > 0
    testable = both and 0 < escalated_before + escalated_after < before + after
    low, high = newcombe(escalated_after, after, escalated_before, before) if both else (None, None)
    return {
        **release,
        "customer_tier": tier,
        "contacts_before": before,
        "escalations_before": escalated_before,
        "rate_before_pct": 100 * escalated_before / before if before else None,
        "contacts_after": after,
        "escalations_after": escalated_after,
        "rate_after_pct": 100 * escalated_after / after if after else None,
        "difference_points": 100 * (escalated_after / after - escalated_before / before) if both else None,
        "difference_low_points": None if low is None else 100 * low,
        "difference_high_points": None if high is None else 100 * high,
        "p_value": pooled_z(escalated_after, after, escalated_before, before) if testable else None,
    }


def escalation_by_release(interactions: list[Row], releases: list[Row], final_days: Collection[date]) -> list[Row]:
    """All rows, by release and tier; `interactions` are rows of `unified_interactions`, the tiers all that occur in them but `Unknown`."""
    tiers = sorted({row["customer_tier_at_interaction"] for row in interactions} - {"Unknown"})
    found = []
    for release in releases:
        rows = [compared(interactions, release, tier) for tier in tiers]
        tested = [row["p_value"] for row in rows if row["p_value"] is not None]
        adjusted = iter(holm(tested))
        days = days_of(release["released_at"] - WEEK, release["released_at"] + WEEK)
        for row in rows:
            p = None if row["p_value"] is None else next(adjusted)
            own = {"p_adjusted": p, "is_significant": p is not None and p < 0.05}
            found.append({**row, **own, "is_complete": all(day in final_days for day in days)})
    return found
