"""genesys-crm: what is done from a terminal and not in the Dagster UI.

The one room that imports the sandbox. Not here: anything a command does beyond asking for it.
"""

import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from genesys_crm_assets.sandbox.server import Plan, Sandbox, running, serve

if TYPE_CHECKING:
    import dagster as dg

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Genesys Cloud and Salesforce in one Dagster asset graph.")
console = Console(width=None if sys.stdout.isatty() else 140)

_SANDBOX_LIMITS = {"SALESFORCE_REQUESTS_PER_MINUTE": "600"}
"""The sandbox's Salesforce shares its allocation with nobody."""

_UI_PORT = 3000

Seed = Annotated[int, typer.Option(help="Seed of the world.")]
Start = Annotated[str, typer.Option(help="First complete UTC day; seven days before the clock where left out.")]
PerDay = Annotated[int, typer.Option(help="Conversations a day.")]
Port = Annotated[int, typer.Option(help="Port; 0 takes a free one.")]


@app.command("sandbox")
def run_sandbox(  # noqa: PLR0913, PLR0917 - a parameter is a flag here
    genesys_port: Port = 0,
    salesforce_port: Port = 0,
    seed: Seed = 7,
    start: Start = "",
    days: Annotated[int, typer.Option(help="Complete days.")] = 7,
    per_day: PerDay = 2000,
    now: Annotated[str, typer.Option(help="Where the content clock stands, ISO 8601; the minute of starting where left out.")] = "",
    faults: Annotated[Path | None, typer.Option(help="JSON file that scripts faults by request.")] = None,
) -> None:
    """Both vendors in the foreground; prints one JSON line of variables when ready."""
    window = Plan(seed=seed, start=_day(start), days=days, per_day=per_day, now=_moment(now), faults=faults)
    try:
        serve(_at_ports(window, genesys_port, salesforce_port))
    except (ValueError, OSError) as problem:
        _stop(str(problem))


@app.command()
def demo(seed: Seed = 7, start: Start = "", per_day: PerDay = 2000) -> None:
    """Seven days of both vendors to linked facts: the sandbox, every asset and check by way of Dagster, a summary."""
    home = _home()
    with running(Plan(seed=seed, start=_day(start), per_day=per_day)) as vendors:
        _furnish(vendors, home)
        from genesys_crm_assets import demonstration  # noqa: PLC0415 - START_DATE is read at import, and known only now
        from genesys_crm_assets.definitions import build_defs, lake_of  # noqa: PLC0415 - likewise

        outcome = demonstration.materialise(build_defs(), _instance(), vendors.days[0], vendors.now.date(), console)
        warehouse = lake_of().warehouse()
        warehouse.refresh()
        with warehouse.open() as reader:
            demonstration.summary(console, reader, warehouse.catalogue, vendors.truth, outcome)
    if not outcome.success:
        _stop(f"the demo failed at {', '.join(outcome.failed) or 'a blocking check'}; see above, or open it with `make ui`")
    console.print("analysts open  data/warehouse.duckdb\nengineers run  make ui")


@app.command()
def ui(port: Annotated[int, typer.Option(help="Port of the Dagster UI.")] = _UI_PORT) -> None:
    """The Dagster UI over the demo's lake, with its sandbox running beside it; ends with Ctrl-C."""
    home = _home()
    remembered = home / "data" / "demo.json"
    if not remembered.is_file():
        _stop("there is no demo yet; run `make demo` first, or `dagster dev` with your org's variables set")
    if _is_taken(port):
        _stop(f"port {port} is taken; end what listens there, or name another with --port")
    told = json.loads(remembered.read_text(encoding="utf-8"))
    window = Plan(
        seed=told["seed"], start=date.fromisoformat(told["start"]), days=told["days"], per_day=told["per_day"], now=_moment(told["now"])
    )
    with running(window) as vendors:
        _furnish(vendors, home)
        _instance().get_runs(limit=1)
        _instance().all_instigator_state()
        command = [sys.executable, "-m", "dagster", "dev", "-w", str(home / "workspace.yaml"), "-p", str(port), "--log-level", "warning"]
        console.print(f"Dagster UI  http://127.0.0.1:{port}")
        # Elsewhere than the checkout, since Dagster reads the .env of its working folder over what it was given; and SIGINT restored,
        # because a shell's background job ignores it and dagster dev stops on nothing else.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with subprocess.Popen(command, cwd=os.environ["STATE_DIR"]) as dagster:  # noqa: S603 - a fixed command of this environment
            signal.signal(signal.SIGTERM, lambda *_: dagster.send_signal(signal.SIGINT))
            # A terminal's Ctrl-C reaches both of us by itself.
            signal.signal(signal.SIGINT, signal.SIG_IGN if sys.stdin.isatty() else lambda *_: dagster.send_signal(signal.SIGINT))
            dagster.wait()


@app.command()
def rebuild(table: Annotated[str, typer.Argument(help="A table of any layer but raw; CHANGELOG.md names those that need it.")]) -> None:
    """Build a table again from raw, newest day first, after its contract changed; asks no vendor."""
    _home()
    _calendar()
    from genesys_crm_assets import rebuilding  # noqa: PLC0415 - slow to import, and not needed by every command
    from genesys_crm_assets.definitions import build_defs, lake_of  # noqa: PLC0415 - likewise

    try:
        lake = lake_of()
        portions = rebuilding.portions(lake, table, int(lake.environment.number("BACKFILL_CHUNK_DAYS")))
        definitions, instance = build_defs(), _instance()
        for done, portion in enumerate(portions, 1):
            failed = rebuilding.run(definitions, instance, portion)
            if failed:
                _stop(
                    f"{table}: {portion} failed at {', '.join(failed)}; see the run's log in the Dagster UI. What was built before it stands"
                )
            console.print(f"{done}/{len(portions)}  {table}  {portion}  ({', '.join(portion.tables)})", highlight=False)
        behind = [one.name for one, body in lake.catalogue.entries if one.name != table and lake.lagging(one, body)]
    except rebuilding.EXPLAINED as problem:
        _stop(str(problem))
    if behind:
        console.print(f"these follow it and lag now; the next run that selects them builds them again: {', '.join(behind)}")


def _furnish(vendors: Sandbox, home: Path) -> None:
    """Point this process at the sandbox and at nothing else, and leave behind what `make ui` starts the same one with."""
    from genesys_crm_assets.settings import VARIABLES  # noqa: PLC0415 - not needed by every command

    plan, remembered = vendors.plan, home / "data" / "demo.json"
    said = {
        "seed": plan.seed,
        "start": str(vendors.days[0]),
        "days": len(vendors.days),
        "per_day": plan.per_day,
        "now": vendors.now.isoformat(),
    }
    # Whatever the caller or .env says of an org must not meet the sandbox: its records would land in that org's lake.
    os.environ.update({variable.name: variable.default or "" for variable in VARIABLES if variable.name != "STATE_DIR"})
    os.environ.update(vendors.environment | _SANDBOX_LIMITS | {"CLOCK": vendors.now.isoformat()})
    if not (remembered.is_file() and json.loads(remembered.read_text(encoding="utf-8")) == said):
        _clear(home)
    remembered.parent.mkdir(parents=True, exist_ok=True)
    remembered.write_text(json.dumps(said), encoding="utf-8")


def _clear(home: Path) -> None:
    """Make room for another demo; a lake that holds anything but a sandbox's objects is left alone."""
    from genesys_crm_assets.lake import parquet  # noqa: PLC0415 - not needed by every command

    lake = home / "data" / "lake"
    landed = [path for path in lake.glob("raw/*/year=*/**/*.parquet") if "year=0001" not in path.parts]
    if not all(parquet.papers(path).get("clock") for path in landed):
        _stop(f"{lake} holds days that are not a demo's; move the folder away, or set LAKE_URL elsewhere for your org")
    for place in (lake, home / "data" / "state" / "journal"):
        shutil.rmtree(place, ignore_errors=True)
    (home / "data" / "warehouse.duckdb").unlink(missing_ok=True)


def _home() -> Path:
    home = Path(os.environ.setdefault("DAGSTER_HOME", str(Path.cwd())))
    state = Path(os.environ.setdefault("STATE_DIR", str(home / "data" / "state")))
    if not (home / "dagster.yaml").is_file():
        _stop("there is no dagster.yaml here; run it from the checkout, by make, or set DAGSTER_HOME to the checkout")
    state.mkdir(parents=True, exist_ok=True)
    return home


def _calendar() -> None:
    try:
        importlib.import_module("genesys_crm_assets.partitions")
    except ValueError as problem:  # START_DATE, which is read at import
        _stop(str(problem))


def _instance() -> "dg.DagsterInstance":
    import dagster as dg  # noqa: PLC0415 - slow to import, and not needed by every command

    return dg.DagsterInstance.get()


def _at_ports(plan: Plan, genesys_port: int, salesforce_port: int) -> Plan:
    return replace(plan, genesys_port=genesys_port, salesforce_port=salesforce_port)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        _stop(f"{text!r} is no day; write it as 2026-11-14")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        _stop(f"{text!r} is no moment; write it as 2026-11-21T12:00:00Z")
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _stop(message: str) -> NoReturn:
    console.print(message, style="red", highlight=False, markup=False)
    sys.exit(1)


if __name__ == "__main__":
    app()
