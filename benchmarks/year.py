"""A year of days, and whether every day stays as cheap as the first: `make year`, or `python -m benchmarks.year --days 30 --more 10`.

Runs of the daily job over two lakes, each in a process of its own as the nightly schedule would start it: a month and a year, each in one
backfill; then `--more` nights on the old lake, one by one, and among the last of these some on the young one, since a machine that others
use is not as fast at one hour as at the next. The sandbox runs in other processes, so its time and memory are not the platform's, and neither
vendor's limits are waited for. A night's seconds are those of the run, imports apart, less those in which its main thread stood ready and
other programs had the processor, as the kernel counts them: a busy machine must not look like an old lake.
Ends with another status than 0 where a bound is broken. Not here: what a day costs a vendor.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

START = date(2026, 1, 1)
SEED = 7
YOUNG_DAYS, YOUNG_RUNS, COMPARED = 30, 5, 20
NIGHTLY = time_of_day(5, 30)
MOST_GROWTH, MOST_MIB = 1.2, 600.0
UNHURRIED = {"GENESYS_REQUESTS_PER_MINUTE": "100000", "SALESFORCE_REQUESTS_PER_MINUTE": "100000"}
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_LOOK_SECONDS = 0.25
_ANSWER = "answer.json"


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: its seconds, those of its imports and of the processor, its peak, and the seconds of each step."""

    seconds: float
    wall: float
    processor: float
    imports: float
    peak_mib: float
    steps: dict[str, float]


@dataclass(frozen=True)
class Vendors:
    """The sandbox in a process of its own, whose clock can be moved on."""

    environment: dict[str, str]
    pipe: Connection

    def advance(self, to: datetime) -> None:
        self.pipe.send(to)
        self.pipe.recv()


@dataclass(frozen=True)
class House:
    """A lake with its warehouse, its state and its Dagster instance in one folder."""

    folder: Path
    ran: list[Ran] = field(default_factory=list)

    def night(self, vendors: Vendors, first: date, today: date) -> Ran:
        """The days from `first` to the day under way, at the hour of the nightly schedule; ends the benchmark where the run fails."""
        now = datetime.combine(today, NIGHTLY, UTC)
        vendors.advance(now)
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(__file__).resolve().parents[1] / "dagster.yaml", home)
        places = {"LAKE_URL": "lake", "WAREHOUSE_PATH": "warehouse.duckdb", "STATE_DIR": "state", "DAGSTER_HOME": "home"}
        told = {name: str(self.folder / place) for name, place in places.items()}
        (self.folder / "state").mkdir(exist_ok=True)
        environment = {**os.environ, **vendors.environment, **UNHURRIED, **told, "CLOCK": now.isoformat(), "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, "-m", "benchmarks.year", "--run", first.isoformat(), today.isoformat()]
        with (self.folder / "log").open("a", encoding="utf-8") as log:
            peak, status = watched(command, environment, log)
        if status:
            told_last = (self.folder / "log").read_text(encoding="utf-8").splitlines()[-30:]
            sys.exit("\n".join([*told_last, f"the run of {first} to {today} ended with {status}; its last lines are above"]))
        answer: dict[str, Any] = json.loads((self.folder / "state" / _ANSWER).read_text(encoding="utf-8"))
        self.ran.append(Ran(**answer, peak_mib=peak))
        return self.ran[-1]


@dataclass
class Aged:
    """A house whose lake is so many days old, with its vendors."""

    house: House
    vendors: Vendors
    days: int

    def backfill(self) -> Ran:
        """All its days in one run."""
        return self._told(START, f"{self.days} days")

    def night(self) -> Ran:
        """The next night."""
        self.days += 1
        return self._told(START + timedelta(days=self.days - 1), f"night {self.days}")

    def _told(self, first: date, what: str) -> Ran:
        ran = self.house.night(self.vendors, first, START + timedelta(days=self.days))
        _tell(f"{self.house.folder.name}, {what}: {_said(ran)}")
        return ran


def watched(command: Sequence[str], environment: dict[str, str], log: Any) -> tuple[float, int]:
    """Run a command; the peak memory of its tree of processes in MiB, and its exit status."""
    peak = 0.0
    with subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process:  # noqa: S603 - itself
        while process.poll() is None:
            # The kernel remembers each process's own peak; sums over processes are looked at while they live.
            standing, highest = zip(*(_memory(one) for one in _tree(process.pid)), strict=True)
            peak = max(peak, sum(standing), *highest)
            time.sleep(_LOOK_SECONDS)
    return peak, process.returncode


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            told = children.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in told:
            yield from _tree(int(child))


def _memory(pid: int) -> tuple[float, float]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0.0, 0.0
    told = {name: rest.split()[0] for name, _, rest in (line.partition(":") for line in lines) if name in ("VmRSS", "VmHWM")}
    return float(told.get("VmRSS", 0)) / 1024, float(told.get("VmHWM", 0)) / 1024


def run(first: date, last: date) -> None:
    """What the process of one run does: the daily job over the days, in this process; leaves its figures in STATE_DIR.

    Event by event, as the process does that Dagster's launcher starts: `execute_in_process` would keep the events of a year in memory.
    """
    began = time.monotonic()
    import dagster as dg  # noqa: PLC0415 - its time is measured
    from dagster._core.definitions.job_base import InMemoryJob  # noqa: PLC0415 - likewise
    from dagster._core.execution.api import execute_run_iterator  # noqa: PLC0415 - likewise

    from genesys_crm_assets.definitions import defs  # noqa: PLC0415 - likewise

    with dg.DagsterInstance.get() as instance:
        job = defs.resolve_job_def("materialise_day")
        imports = time.monotonic() - began
        before, worked, waited = time.monotonic(), time.process_time(), _kept_waiting()
        tags = {"dagster/asset_partition_range_start": first.isoformat(), "dagster/asset_partition_range_end": last.isoformat()}
        asked = instance.create_run_for_job(job, tags={**job.tags, **tags}, run_config=QUIET)
        failed = [event.step_key for event in execute_run_iterator(InMemoryJob(job), asked, instance) if event.is_step_failure]
        wall, processor = time.monotonic() - before, time.process_time() - worked
        seconds = wall - (_kept_waiting() - waited)
        stats = instance.get_run_step_stats(asked.run_id)
        ended = instance.get_run_by_id(asked.run_id)
    steps = {one.step_key: (one.end_time or 0.0) - (one.start_time or 0.0) for one in stats}
    answer = {"seconds": seconds, "wall": wall, "processor": processor, "imports": imports, "steps": steps}
    (Path(os.environ["STATE_DIR"]) / _ANSWER).write_text(json.dumps(answer), encoding="utf-8")
    if failed or ended is None or not ended.is_success:
        sys.exit(f"failed at {', '.join(map(str, failed)) or 'a blocking check'}")


def _kept_waiting() -> float:
    """Seconds this process's main thread was ready and not run."""
    return int(Path("/proc/self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9


def _vendors(days: int, per_day: int, pipe: Connection) -> None:
    from genesys_crm_assets.sandbox import clock  # noqa: PLC0415 - this process's own
    from genesys_crm_assets.sandbox.server import Plan, running  # noqa: PLC0415 - likewise

    unlimited = {"requests_per_minute": 100_000, "daily_requests": 10_000_000, "job_seconds": 0.0}
    now = datetime.combine(START + timedelta(days=days), NIGHTLY, UTC)
    with running(Plan(seed=SEED, start=START, days=days, per_day=per_day, now=now, **unlimited)) as sandbox:
        pipe.send(sandbox.environment)
        while (to := pipe.recv()) is not None:
            sandbox.advance(to)
            # Whoever asks first would wait until the tables of that moment are drawn.
            sandbox.world.tables(clock.of(to))
            pipe.send("ready")


@contextmanager
def vendors_of(days: int, per_day: int) -> Iterator[Vendors]:
    """Both vendors, of a world whose first window is that long; the clock may go on."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_vendors, args=(days, per_day, theirs))
    process.start()
    try:
        yield Vendors(ours.recv(), ours)
    finally:
        ours.send(None)
        process.join()


def nights(old: Aged, young: Aged, count: int, compared: int, young_runs: int) -> tuple[list[Ran], list[Ran]]:
    """That many nights on the old lake, and among the last of them those on the young one."""
    ran: tuple[list[Ran], list[Ran]] = ([], [])
    for place in range(count):
        ran[0].append(old.night())
        passed = place - (count - compared)
        # Spread evenly: the next is due where its share of those compared is reached.
        if passed >= 0 and (passed + 1) * young_runs // compared > passed * young_runs // compared:
            ran[1].append(young.night())
    return ran


def _said(ran: Ran) -> str:
    return f"{ran.seconds:.1f} s ({ran.wall:.1f} by the clock, {ran.processor:.1f} of the processor, imports {ran.imports:.1f}), {ran.peak_mib:.0f} MiB"


def _tell(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def alone(code: str) -> float:
    """The peak memory in MiB of an interpreter that does only that."""
    told = f"{code}\nprint(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    found = subprocess.run([sys.executable, "-W", "ignore", "-c", told], capture_output=True, check=True, text=True)  # noqa: S603 - as above
    return float(found.stdout) / 1024


def growth(young: Sequence[Ran], old: Sequence[Ran]) -> None:
    """Print which steps grew most, by the medians of their seconds."""
    before, after = (_typical(runs) for runs in (young, old))
    grown = Counter({name: after[name] - before.get(name, 0.0) for name in after})
    print("the steps that grew most, seconds before and after:")
    for name, _ in grown.most_common(8):
        print(f"  {name:40} {before.get(name, 0.0):7.2f} {after[name]:7.2f}")


def _typical(runs: Sequence[Ran]) -> dict[str, float]:
    return {name: median(one.steps.get(name, 0.0) for one in runs) for name in runs[0].steps}


def measured(given: argparse.Namespace, folder: Path) -> list[tuple[str, float, float]]:
    """Run everything; what is bounded: a name, the figure and its bound."""
    # Shorter rehearsals compare what they have.
    compared = min(COMPARED, max(1, given.more // 2))
    with vendors_of(given.young, given.per_day) as recent, vendors_of(given.days, given.per_day) as vendors:
        new = Aged(House(folder / "young"), recent, given.young)
        new.backfill()
        old = Aged(House(folder / "old"), vendors, given.days)
        backfill = old.backfill()
        more, young = nights(old, new, given.more, compared, given.young_runs)
    first, last = more[:compared], more[-compared:]
    seconds = [median(one.seconds for one in runs) for runs in (young, first, last)]
    clock = [median(one.wall for one in runs) for runs in (young, first, last)]
    worked = [median(one.processor for one in runs) for runs in (young, first, last)]
    print(f"{given.per_day} conversations a day; a year in one backfill: {given.days} days in {backfill.wall:.0f} s")
    print(f"one night, medians         {'seconds':>9} {'by clock':>9} {'processor':>9}")
    for name, values in zip(
        ("a month old", f"first {compared} of more", f"last {compared} of more"), zip(seconds, clock, worked, strict=True), strict=True
    ):
        print(f"  {name:24} {values[0]:9.1f} {values[1]:9.1f} {values[2]:9.1f}")
    growth(young, last)
    bare, defined = alone("import dagster"), alone("import genesys_crm_assets.definitions")
    peak = max(one.peak_mib for one in (*new.house.ran, *old.house.ran))
    print(f"peak memory of the process tree {peak:.0f} MiB; `import dagster` alone {bare:.0f}, the definitions too {defined:.0f}")
    return [
        (f"last {compared} nights by the first {compared}", seconds[2] / seconds[1], MOST_GROWTH),
        (f"last {compared} nights by those of a lake {given.young} days old", seconds[2] / seconds[0], MOST_GROWTH),
        ("MiB above `import dagster`", peak - bare, MOST_MIB),
    ]


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Whether a day costs as much in an old lake as in a young one.")
    parser.add_argument("--days", type=int, default=365, help="days of the backfill")
    parser.add_argument("--more", type=int, default=60, help="nights after it")
    parser.add_argument("--per-day", type=int, default=200, help="conversations a day")
    parser.add_argument("--young", type=int, default=YOUNG_DAYS, help="days of the young lake")
    parser.add_argument("--young-runs", type=int, default=YOUNG_RUNS, help="nights on the young lake")
    parser.add_argument("--into", type=Path, help="an empty folder to leave the lakes in; a temporary one otherwise")
    parser.add_argument("--run", nargs=2, type=date.fromisoformat, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    given = _parsed()
    if given.run:
        run(*given.run)
        return
    with tempfile.TemporaryDirectory() as home:
        bounds = measured(given, given.into or Path(home))
    for name, figure, bound in bounds:
        print(f"{name}: {figure:.2f} (at most {bound:g}){'' if figure <= bound else '  BROKEN'}")
    sys.exit(any(figure > bound for _, figure, bound in bounds))


if __name__ == "__main__":
    main()
