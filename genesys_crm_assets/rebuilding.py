"""Building a table again from raw after its contract changed, newest days first (§4).

An object written by an older contract reads as null in the columns it lacks until it is built again. Not here: which contracts changed
(`CHANGELOG.md` names the tables), or anything that asks a vendor.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import dagster as dg

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.resources import Lake

JOB = "materialise_day"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class RebuildRefused(ValueError):
    """The table cannot be built again from raw; the message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Portion:
    """One run of a rebuild: the tables it selects and the days it walks, none for a table without partitions."""

    tables: tuple[str, ...]
    days: tuple[date, ...]

    def __str__(self) -> str:
        """As progress names it."""
        return f"{self.days[0]}…{self.days[-1]}" if self.days else "the whole table"


def portions(lake: Lake, name: str, size: int) -> list[Portion]:
    """The runs that build a table again: its days, newest first, at most `size` together.

    With it the tables between raw and it are built of which an older contract has written something.

    Raises:
        RebuildRefused: no such table, a view, a raw table, or nothing of it stands yet.
    """
    entries = {table.name: (table, body) for table, body in lake.catalogue.entries}
    if name not in entries:
        raise RebuildRefused(f"there is no table {name}; `dagster asset list` names them")
    table, _ = entries[name]
    if not table.stored:
        raise RebuildRefused(f"{name} is a view and holds nothing; the next run of any table brings the warehouse up to date")
    if table.layer == "raw":
        raise RebuildRefused(f"{name} is what the vendor said; materialise its days to ask again")
    upstream = _upstream(entries, name)
    if not table.daily:
        return [Portion((*_older(lake.storage, upstream, ()), name), ())]
    days = lake.storage.days(table)
    if not days:
        raise RebuildRefused(f"{name} has no days yet; materialise it first")
    return [Portion((*_older(lake.storage, upstream, part), name), part) for part in _parts(days, size)]


def run(definitions: dg.Definitions, instance: dg.DagsterInstance, portion: Portion) -> tuple[str, ...]:
    """Materialise one portion in this process; the steps that failed, none where all is well. Days published before a failure stay."""
    job = definitions.resolve_job_def(JOB)
    # An asset with several outputs is built whole or not at all.
    wanted = {dg.AssetKey(name) for name in portion.tables}
    keys = [key for asset in definitions.resolve_asset_graph().assets_defs if asset.keys & wanted for key in asset.keys]
    span = {
        "dagster/asset_partition_range_start": f"{min(portion.days)}",
        "dagster/asset_partition_range_end": f"{max(portion.days)}",
    }
    result = job.execute_in_process(
        instance=instance,
        run_id=str(uuid.uuid4()),
        raise_on_error=False,
        asset_selection=keys,
        run_config=_QUIET,
        tags={"why": "rebuild", **(span if portion.days else {})},
    )
    return tuple(str(event.step_key) for event in result.all_events if event.is_step_failure)


def _upstream(entries: dict[str, tuple[Table, Body]], name: str) -> list[Table]:
    """The stored tables between raw and this one, those of earlier layers first."""
    found: dict[str, Table] = {}
    waiting = [name]
    while waiting:
        _, body = entries[waiting.pop()]
        for read in body.reads:
            if read.table.layer != "raw" and read.table.name not in found:
                found[read.table.name] = read.table
                waiting.append(read.table.name)
    return [table for table in found.values() if table.stored]


def _older(storage: Folder, tables: Sequence[Table], days: Sequence[date]) -> tuple[str, ...]:
    return tuple(table.name for table in tables if any(_is_older(storage, table, day) for day in (days if table.daily else (None,))))


def _is_older(storage: Folder, table: Table, day: date | None) -> bool:
    key = layout.object_key(table, day)
    return storage.exists(key) and parquet.papers(storage.url(key)).get("contract_version") != str(table.version)


def _parts(days: Sequence[date], size: int) -> Iterator[tuple[date, ...]]:
    """Days without a gap between them, newest first, at most `size` together; each part in order."""
    part: list[date] = []
    for day in sorted(days, reverse=True):
        if part and (len(part) == size or part[0] - day > timedelta(days=1)):
            yield tuple(part)
            part = []
        part.insert(0, day)
    if part:
        yield tuple(part)
