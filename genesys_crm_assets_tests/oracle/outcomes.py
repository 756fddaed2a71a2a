"""`customer_outcomes` (§6.8): per customer tier and UTC month contacts, cases, satisfaction, revenue and pipeline, up to the last final day.

Where the design is silent this is what the table's own description promises: everything counts for the tier its account had at that moment,
deleted records do not count, and a win that was undone since is none. Not here: when a day is final.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple

from .audit import mean
from .crm import Settings
from .facts import Versions
from .marts import ratio
from .unified import valid_at
from .values import MILLISECOND, Row, midnight

WON = ("Closed Won",)


class Event(NamedTuple):
    """Something that counts: what, when, of which account, and its figure."""

    what: str
    moment: datetime
    account: str | None
    figure: float | None


def case_events(rows: list[Row], versions: Versions) -> Iterator[Event]:
    """Creation and closing of each case that is there, for the account it was of at that moment."""
    for case in (row for row in rows if row["is_current"]):
        moments = {"created": case["created_at"], "closed": case["closed_at"]}
        for what, moment in ((what, moment) for what, moment in moments.items() if moment is not None):
            hours = (case["closed_at"] - case["created_at"]) / timedelta(hours=1) if what == "closed" else None
            yield Event(what, moment, versions.at("case", case["case_id"], moment).get("account_id"), hours)


def win(some: list[Row], last: datetime) -> Event | None:
    """When an opportunity was last won, if it is won still; `some` are its versions in order of time."""
    begun = [row for row in some if row["valid_from"] <= last]
    if not any(row["stage_name"] in WON and (row["valid_to"] is None or row["valid_to"] > last) for row in begun):
        return None
    wins = [row for before, row in zip([None, *begun], begun, strict=False) if row["stage_name"] in WON and not was_won(before)]
    return Event("won", wins[-1]["valid_from"], wins[-1]["account_id"], wins[-1]["amount"])


def was_won(row: Row | None) -> bool:
    """Is that a version in a stage that is won?"""
    return row is not None and row["stage_name"] in WON


def opportunity_events(rows: list[Row], ends: list[datetime], settings: Settings) -> Iterator[Event]:
    """Wins that stand at the last of the months' ends, and whatever was open at each of them."""
    for opportunity in sorted({row["opportunity_id"] for row in rows}):
        some = sorted((row for row in rows if row["opportunity_id"] == opportunity), key=lambda row: row["valid_from"])
        won = win(some, ends[-1])
        yield from () if won is None else (won,)
        for end in ends:
            for row in (row for row in some if valid_at(row, end) and row["stage_name"] not in settings.closed_opportunity_stages):
                yield Event("open", end, row["account_id"], row["amount"])


def month_ends(first: date, last: datetime) -> list[datetime]:
    """The last millisecond of every month from the first day's on; of the last month the last moment."""
    ends, month = [], first.replace(day=1)
    while midnight(month) <= last:
        month = (month + timedelta(days=31)).replace(day=1)
        ends.append(min(last, midnight(month) - MILLISECOND))
    return ends


def customer_outcomes(
    customers: list[Row], by_entity: dict[str, list[Row]], settings: Settings, days: tuple[date, Collection[date]]
) -> list[Row]:
    """All rows; `days` are the first of the calendar and the final ones."""
    first, final = days
    if not final:
        return []
    last = midnight(max(final)) + timedelta(days=1) - MILLISECOND
    versions = Versions({entity: by_entity[entity] for entity in ("case", "account")})
    events = [*case_events(by_entity["case"], versions), *opportunity_events(by_entity["opportunity"], month_ends(first, last), settings)]
    told = [(versions.at("account", event.account, event.moment).get("customer_tier"), event) for event in events]
    told += [(row["customer_tier"], Event("contact", row["interaction_timestamp_utc"], None, row["csat_score"])) for row in customers]
    groups: dict[tuple[str, date], list[Event]] = {}
    for tier, event in told:
        if midnight(first) <= event.moment <= last:
            groups.setdefault((tier or "Unknown", event.moment.date().replace(day=1)), []).append(event)
    return [{"customer_tier": tier, "month": month, **counted(some, settings)} for (tier, month), some in sorted(groups.items())]


def counted(events: list[Event], settings: Settings) -> Row:
    """The figures of one tier and month; those of a source that the org has not are None."""
    figures: dict[str, list[float | None]] = {what: [] for what in ("contact", "created", "closed", "won", "open")}
    for event in events:
        figures[event.what].append(event.figure)
    sums = {what: float(sum(figure for figure in figures[what] if figure is not None)) for what in ("won", "open")}
    has_cases, has_opportunities = ("cases" not in settings.sources_absent, "opportunities" not in settings.sources_absent)
    return {
        "contacts": len(figures["contact"]),
        "cases_created": len(figures["created"]) if has_cases else None,
        "cases_closed": len(figures["closed"]) if has_cases else None,
        "case_resolution_rate": ratio(len(figures["closed"]), len(figures["created"])),
        "median_hours_to_close": median(hours for hours in figures["closed"] if hours is not None) if figures["closed"] else None,
        "csat_score": mean(figures["contact"]),
        "revenue": sums["won"] if has_opportunities else None,
        "pipeline": sums["open"] if has_opportunities else None,
    }
