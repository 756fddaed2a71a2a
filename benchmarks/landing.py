"""Worlds landed by the platform's own assets, a process for each: what benchmarks over several seeds share.

The calendar begins at import, so a world that begins on another day needs another process. Neither vendor's limits are waited for: they
change when a page arrives, not what is on it. Not here: what is asked of a lake once it stands.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg

from genesys_crm_assets.sandbox.server import Plan, Sandbox

UNHURRIED = {"GENESYS_REQUESTS_PER_MINUTE": "100000", "SALESFORCE_REQUESTS_PER_MINUTE": "100000"}
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
_LAST_LINES = 30


def plan(seed: int, start: date, days: int, per_day: int) -> Plan:
    """A world whose vendors refuse nobody for asking often."""
    return Plan(seed=seed, start=start, days=days, per_day=per_day, job_seconds=0.0, requests_per_minute=100_000, daily_requests=10_000_000)


def told(vendors: Sandbox, folder: Path) -> dict[str, str]:
    """The variables of a lake in a folder, pointed at a sandbox, at its time."""
    places = {"LAKE_URL": "lake", "WAREHOUSE_PATH": "warehouse.duckdb", "STATE_DIR": "state"}
    here = {name: str(folder / place) for name, place in places.items()}
    return {**vendors.environment, **UNHURRIED, "CLOCK": vendors.now.isoformat(), **here}


def materialise(
    variables: Mapping[str, str], days: tuple[date, date], table: str, *, alone: bool = False, config: Mapping[str, Any] | None = None
) -> None:
    """Run the day job over a range of days for a table and everything it is built from.

    Ends the process where the run fails.

    Args:
        variables: what goes before the environment, as `told` gives it.
        days: first and last UTC day of the range.
        table: asset whose upstream is run.
        alone: run only that asset, over what stands already.
        config: run configuration of that asset.
    """
    from genesys_crm_assets.definitions import build_defs, lake_of  # noqa: PLC0415 - slow to import, and only the processes need it

    defs = build_defs(dict(variables))
    wanted = dg.AssetSelection.assets(table)
    selection = wanted if alone else wanted.upstream().required_multi_asset_neighbors()
    tags = dict(zip(_RANGE, (day.isoformat() for day in days), strict=True))
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("materialise_day").execute_in_process(
            instance=instance,
            raise_on_error=False,
            tags=tags,
            asset_selection=sorted(selection.resolve(defs.resolve_asset_graph())),
            run_config={**_QUIET, **({"ops": {table: {"config": dict(config)}}} if config else {})},
        )
    for event in result.all_events:
        if event.is_step_failure:
            print(f"{event.step_key}: {_cause(event.step_failure_data.error)}", file=sys.stderr)
    if not result.success:
        sys.exit(f"the run up to {table} failed")
    lake_of(dict(variables)).warehouse().refresh()


def _cause(error: Any) -> str:
    while error is not None and error.cause is not None:
        error = error.cause
    return str(error.message).strip() if error is not None else "no reason was told"


@dataclass(frozen=True, slots=True)
class Errand:
    """One process: `python -m module --seeds seed --into folder` and what else it is told, in a calendar that begins at `start`."""

    module: str
    seed: int
    start: date
    folder: Path
    options: Mapping[str, object] = field(default_factory=dict)

    def run(self) -> float:
        """Run it to its end; the seconds it took. Ends the benchmark with its last lines where it fails."""
        began = time.monotonic()
        self.folder.mkdir(parents=True)
        options = {"--seeds": self.seed, "--into": self.folder, **self.options}
        command = [sys.executable, "-m", self.module, *(str(word) for option in options.items() for word in option)]
        environment = {**os.environ, "START_DATE": self.start.isoformat(), "PYTHONWARNINGS": "ignore"}
        with (self.folder / "log").open("w", encoding="utf-8") as log:
            ended = subprocess.run(command, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)  # noqa: S603 - itself
        if ended.returncode:
            lines = (self.folder / "log").read_text(encoding="utf-8").splitlines()[-_LAST_LINES:]
            sys.exit("\n".join([*lines, f"{self.module} of seed {self.seed} ended with {ended.returncode}; its last lines are above"]))
        seconds = time.monotonic() - began
        print(f"{self.module.rpartition('.')[2]} of seed {self.seed}: {seconds:.0f} s", flush=True)
        return seconds


def run(errands: Iterable[Errand]) -> list[float]:
    """Run errands, as many at once as there are processors; the seconds of each."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(Errand.run, errands))
