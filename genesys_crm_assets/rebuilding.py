"""Building a table again from raw after its contract changed, newest days first (§4).

An object written by an older contract reads as null in the columns it lacks until it is built again. Not here: which contracts changed
(`CHANGELOG.md` names the tables), or anything that asks a vendor.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from graphlib import TopologicalSorter

import dagster as dg

from genesys_crm_assets import resources
from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import Table

JOB = "materialise_day"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

Entries = dict[str, tuple[Table, Body]]


class RebuildRefused(ValueError):
    """The table cannot be built again from raw; the message says why and what to do instead."""


EXPLAINED = (RebuildRefused, *resources.EXPLAINED, dg.DagsterError)
"""Errors whose message is what a terminal shows; Dagster's are of runs it will not begin."""


@dataclass(frozen=True, slots=True)
class Portion:
    """One run of a rebuild: the tables it selects and the days it walks, none for tables without partitions."""

    tables: tuple[str, ...]
    days: tuple[date, ...]

    def __str__(self) -> str:
        """As progress names it."""
        return f"{self.days[0]}…{self.days[-1]}" if self.days else "all at once"


def portions(lake: resources.Lake, name: str, size: int) -> list[Portion]:
    """The runs that build a table again, in order: its days newest first, at most `size` together, or its one object.

    With it, and before whatever reads all of them, the days of tables between raw and it are built that an older contract has written; and
    the tables between without partitions that an older contract has written or that read such days, since nothing else sees them lag. Days
    before the calendar's first are left as they are: no run can be asked for them.

    Raises:
        RebuildRefused: no such table, a view, a raw table, or nothing of it stands yet.
    """
    entries = {table.name: (table, body) for table, body in lake.catalogue.entries}
    table = _rebuildable(entries, name)
    standing = _standing(lake, table)
    if not standing:
        raise RebuildRefused(f"nothing of {name} stands yet; materialise it first")
    sources = _inward(entries, table)
    between = [entries[one][0] for one in TopologicalSorter(sources).static_order() if one != name]
    again = {one.name: [day for day in _standing(lake, one) if _is_older(lake.storage, one, day)] for one in between}
    again[name] = standing
    found: list[Portion] = []
    for together in _rounds([*between, table], sources, again):
        if together[0].daily:
            found.extend(_parts(_by_day(together, again), size))
        else:
            found.append(Portion(tuple(one.name for one in together), ()))
    return found


def run(definitions: dg.Definitions, instance: dg.DagsterInstance, portion: Portion) -> tuple[str, ...]:
    """Materialise one portion in this process; the steps that failed, none where all is well. Days published before a failure stay."""
    job = definitions.resolve_job_def(JOB)
    # An asset with several outputs is built whole or not at all.
    wanted = {dg.AssetKey(name) for name in portion.tables}
    keys = [key for asset in definitions.resolve_asset_graph().assets_defs if asset.keys & wanted for key in asset.keys]
    result = job.execute_in_process(
        instance=instance,
        run_id=str(uuid.uuid4()),
        raise_on_error=False,
        asset_selection=keys,
        run_config=_QUIET,
        tags={"why": "rebuild", **_span(portion.days)},
    )
    return tuple(str(event.step_key) for event in result.all_events if event.is_step_failure)


def _span(days: Sequence[date]) -> dict[str, str]:
    return {"dagster/asset_partition_range_start": f"{min(days)}", "dagster/asset_partition_range_end": f"{max(days)}"} if days else {}


def _rebuildable(entries: Entries, name: str) -> Table:
    if name not in entries:
        raise RebuildRefused(f"there is no table {name}; `dagster asset list` names them")
    table, _ = entries[name]
    if not table.stored:
        raise RebuildRefused(f"{name} is a view and holds nothing; the next run of any table brings the warehouse up to date")
    if table.layer == "raw":
        raise RebuildRefused(f"{name} is what the vendor said; materialise its days to ask again")
    return table


def _standing(lake: resources.Lake, table: Table) -> list[date | None]:
    """The objects of a table that a run can build again, by their day; that of a table without partitions has none."""
    if table.daily:
        return [day for day in lake.storage.days(table) if day >= lake.first_day]
    return [None] if lake.storage.exists(layout.object_key(table, None)) else []


def _is_older(storage: Folder, table: Table, day: date | None) -> bool:
    return parquet.papers(storage.url(layout.object_key(table, day))).get("contract_version") != str(table.version)


def _inward(entries: Entries, table: Table) -> dict[str, list[str]]:
    """A table and the stored tables between raw and it, by name, each with those of them that it reads."""
    found: dict[str, list[str]] = {}
    waiting = [table.name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _read(entries, name)
            waiting.extend(found[name])
    return found


def _read(entries: Entries, name: str) -> list[str]:
    """The stored tables outside raw that another reads, itself or through views."""
    found: dict[str, Table] = {}
    waiting = [read.table for read in entries[name][1].reads]
    while waiting:
        one = waiting.pop()
        if one.layer == "raw" or one.name == name or one.name in found:
            continue
        found[one.name] = one
        if not one.stored:
            waiting.extend(read.table for read in entries[one.name][1].reads)
    return [one.name for one in found.values() if one.stored]


def _rounds(
    tables: Sequence[Table], sources: Mapping[str, Sequence[str]], again: Mapping[str, Sequence[date | None]]
) -> Iterator[list[Table]]:
    """The tables to build, those read before those that read them and the last of all last; in one round all have days, or none has.

    What has no days reads all the days of its sources, and stands before any day that reads it: so each kind waits for the other.
    """
    turns: dict[str, int] = {}
    daily = {table.name: table.daily for table in tables}
    for table in tables:
        rebuilt = [name for name in (turns if table is tables[-1] else sources[table.name]) if name in turns]
        if again[table.name] or (rebuilt and not table.daily):
            turns[table.name] = max((turns[name] + (daily[name] != table.daily) for name in rebuilt), default=0)
    for kind in sorted({(turns[name], daily[name]) for name in turns}):
        yield [table for table in tables if (turns.get(table.name), table.daily) == kind]


def _by_day(tables: Sequence[Table], again: Mapping[str, Sequence[date | None]]) -> dict[date, tuple[str, ...]]:
    days = sorted({day for table in tables for day in again[table.name] if day})
    return {day: tuple(table.name for table in tables if day in again[table.name]) for day in days}


def _parts(wanted: Mapping[date, tuple[str, ...]], size: int) -> Iterator[Portion]:
    """Days without a gap between them that want the same tables, newest first, at most `size` together; each part in order."""
    part: list[date] = []
    for day in sorted(wanted, reverse=True):
        if part and (len(part) >= size or part[0] - day > timedelta(days=1) or wanted[part[0]] != wanted[day]):
            yield Portion(wanted[part[0]], tuple(part))
            part = []
        part.insert(0, day)
    if part:
        yield Portion(wanted[part[0]], tuple(part))
