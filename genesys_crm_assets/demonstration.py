"""The demo: a sandbox's days through every asset and check by way of Dagster, and a summary of what came out.

Speaks to whatever vendors the environment names; `cli` starts the sandbox and hands over what is true there. Not here: the sandbox.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import dagster as dg
import duckdb
import pyarrow as pa
from rich.console import Console
from rich.table import Table as Grid

from genesys_crm_assets.lake import dump
from genesys_crm_assets.lake.body import sql_beside
from genesys_crm_assets.lake.warehouse import Catalogue

JOB = "materialise_day"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_COMPARED = ("facts.interaction_links", "staging.staging_genesys_metrics", "dimensions.dim_salesforce_case")


class TrueCase(Protocol):
    """What is true of one conversation: its case, 18 characters, and whether that lies within any rule's reach."""

    @property
    def case_id(self) -> str | None:
        """The case it was really about."""

    @property
    def reachable(self) -> bool:
        """Whether a rule can find it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: whether every step and blocking check passed, the seconds it took, and the steps that failed."""

    success: bool
    seconds: float
    failed: tuple[str, ...]


def materialise(defs: dg.Definitions, instance: dg.DagsterInstance, first: date, last: date, console: Console) -> Outcome:
    """Run the day job over a range of days in this process, telling each table as it is done."""
    began = time.monotonic()
    job = defs.resolve_job_def(JOB)
    run_id, failed = str(uuid.uuid4()), list[str]()
    tags = {"dagster/asset_partition_range_start": first.isoformat(), "dagster/asset_partition_range_end": last.isoformat()}
    instance.add_event_listener(run_id, _teller(console, len(job.graph.nodes), failed, began))
    result = job.execute_in_process(tags=tags, instance=instance, run_id=run_id, raise_on_error=False, run_config=_QUIET)
    return Outcome(result.success and not failed, time.monotonic() - began, tuple(failed))


def summary(
    console: Console, warehouse: duckdb.DuckDBPyConnection, catalogue: Catalogue, truth: Mapping[str, TrueCase], outcome: Outcome
) -> dict[str, Any]:
    """Print what came out and return it: rows per table, links by rule against the truth, reconciliation, quarantine, seconds."""
    tables = sorted(catalogue.stored(), key=lambda table: (table.layer, table.name))
    counts = [
        {"table": table.qualified, "rows": warehouse.execute(f"select count(*) from {table.qualified}").fetchall()[0][0]}
        for table in tables
    ]
    digests = dump.digests(warehouse, tables)
    found = {
        "Rows": counts,
        "Links against the sandbox's truth": links(warehouse, truth),
        "Days": _rows(warehouse, sql_beside(__file__, "days")),
        "Quarantine": _rows(warehouse, sql_beside(__file__, "quarantine")),
    }
    for title, rows in found.items():
        console.print(_grid(title, rows))
    whole = hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()
    console.print(f"canonical dump  {whole}")
    console.print(f"seconds         {outcome.seconds:.0f}")
    return {**found, "dump": whole, "dumps": digests}


def links(warehouse: duckdb.DuckDBPyConnection, truth: Mapping[str, TrueCase]) -> list[dict[str, Any]]:
    """Precision and recall of each rule, and of the guides' naive joins, against the truth about each conversation."""
    told = {
        "interaction_id": list(truth),
        "case_id": [one.case_id for one in truth.values()],
        "reachable": [one.reachable for one in truth.values()],
    }
    schema = pa.schema([("interaction_id", pa.string()), ("case_id", pa.string()), ("reachable", pa.bool_())])
    with duckdb.connect(":memory:") as engine:
        engine.register("truth", pa.table(told, schema=schema))
        for name in _COMPARED:
            engine.register(name.partition(".")[2], warehouse.sql(f"select * from {name}").to_arrow_table())
        return _rows(engine, sql_beside(__file__, "links"))


def _teller(console: Console, total: int, failed: list[str], began: float) -> Callable[[Any], None]:
    done: list[str] = []

    def tell(record: Any) -> None:
        event = record.dagster_event
        if event is None:
            return
        if event.event_type == dg.DagsterEventType.STEP_SUCCESS:
            done.append(event.step_key)
            console.print(f"[green]✓[/] {len(done):>2}/{total}  {event.step_key:<36} {time.monotonic() - began:6.1f} s", highlight=False)
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            failed.append(event.step_key)
            console.print(f"[red]✗[/] {event.step_key}: {_reason(event.step_failure_data)}", highlight=False, markup=False)
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION and not event.asset_check_evaluation_data.passed:
            checked = event.asset_check_evaluation_data
            console.print(f"[yellow]![/] {checked.asset_key.to_user_string()}: {checked.check_name} does not hold", highlight=False)

    return tell


def _reason(failure: Any) -> str:
    if failure.user_failure_data is not None and failure.user_failure_data.description:
        return str(failure.user_failure_data.description)
    error = failure.error
    while error is not None and error.cause is not None:
        error = error.cause
    return str(error.message).strip() if error is not None else "no reason was told"


def _rows(reader: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    return list(reader.sql(sql).to_arrow_table().to_pylist())


def _grid(title: str, rows: list[dict[str, Any]]) -> Grid:
    grid = Grid(title=f"\n{title}", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name, value in (rows[0] if rows else {}).items():
        grid.add_column(name, justify="right" if isinstance(value, int | float) and not isinstance(value, bool) else "left", no_wrap=True)
    for row in rows:
        grid.add_row(*(_cell(value) for value in row.values()))
    return grid


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)
