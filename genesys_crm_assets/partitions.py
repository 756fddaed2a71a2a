"""The one calendar: UTC days from `START_DATE`, the day under way included (§3.1).

`START_DATE` is the one variable read at import: partitions are part of the graph's shape. Not here: what a day means to a table.
"""

import os
from datetime import date

import dagster as dg


def _first_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"START_DATE is {text!r}; write the first daily partition as 2026-01-01") from None


START_DATE = _first_day(os.environ.get("START_DATE") or "2026-01-01")

DAILY = dg.DailyPartitionsDefinition(start_date=START_DATE.isoformat(), timezone="UTC", end_offset=1)


def days_of(context: dg.AssetExecutionContext) -> list[date]:
    """The UTC days this run was asked for, in order; none for an asset without partitions."""
    return (
        [date.fromisoformat(key) for key in context.partition_keys] if context.has_partition_key_range or context.has_partition_key else []
    )
