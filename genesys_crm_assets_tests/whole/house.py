"""A house to run: one folder with lake, warehouse and state, pointed at some vendors; the day job over it, in this process or in one that may die.

Not here: what any test expects of it.
"""

import hashlib
import json
import multiprocessing
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq

from genesys_crm_assets import partitions
from genesys_crm_assets.definitions import build_defs
from genesys_crm_assets.lake import dump
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.sandbox.faults import Rule
from genesys_crm_assets.sandbox.server import Plan, Sandbox
from genesys_crm_assets_tests import lakes

FIRST = partitions.START_DATE
SECOND = FIRST + timedelta(days=1)
THIRD = FIRST + timedelta(days=2)
PLAN = Plan(seed=11, start=FIRST, days=2, per_day=24, job_seconds=0.0)
"""Two small days and half of a third; small, since every run costs seconds for its tables and milliseconds for its rows."""

THREAD = ("raw_genesys_interactions", "quarantine_records", "staging_genesys_tellings", "staging_genesys_metrics")
"""From the wire to staged conversations: every kind of durable step in four tables."""

_UNHURRIED = {"GENESYS_REQUESTS_PER_MINUTE": "100000", "SALESFORCE_REQUESTS_PER_MINUTE": "100000", "LOOKBACK_DAYS": "3"}
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_LOOK_BACK = "genesys_crm/look_back"


@dataclass(frozen=True)
class Ran:
    """What came of one run.

    Attributes:
        success: every step and blocking check passed.
        run_id: Dagster's.
        failed: the steps that failed.
        reasons: what they said, causes and all.
        first_proof_s: seconds until the first object was proved, so past every lock; None where none was.
    """

    success: bool
    run_id: str
    failed: tuple[str, ...]
    reasons: str
    first_proof_s: float | None


@dataclass(frozen=True)
class House:
    """One lake and its state in one folder, with the variables that point at the vendors and say what time it is."""

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, str]:
        """Every variable of this house."""
        places = {"LAKE_URL": "lake", "WAREHOUSE_PATH": "warehouse.duckdb", "STATE_DIR": "state"}
        return {**_UNHURRIED, **self.variables, **{name: str(self.folder / place) for name, place in places.items()}}

    def at(self, moment: datetime) -> "House":
        """The same house at another time."""
        return replace(self, variables={**self.variables, "CLOCK": moment.isoformat()})

    def lake(self) -> Lake:
        """Its lake, as assets are given it."""
        (lake,) = [resource for resource in (build_defs(self.told()).resources or {}).values() if isinstance(resource, Lake)]
        return lake

    def run(
        self,
        days: Iterable[date],
        tables: Iterable[str] = (),
        *,
        instance: dg.DagsterInstance | None = None,
        ops: Mapping[str, Any] | None = None,
        looks_back: bool = True,
    ) -> Ran:
        """The day job over the span of the days, for all tables or some of them."""
        asked = list(days)
        tags = {"dagster/asset_partition_range_start": f"{min(asked)}", "dagster/asset_partition_range_end": f"{max(asked)}"}
        if not looks_back:
            tags[_LOOK_BACK] = "false"
        used = instance or dg.DagsterInstance.ephemeral()
        began = time.time()
        result = (
            build_defs(self.told())
            .resolve_job_def("materialise_day")
            .execute_in_process(
                instance=used,
                raise_on_error=False,
                tags=tags,
                run_config={**_QUIET, **({"ops": ops} if ops else {})},
                asset_selection=[dg.AssetKey(name) for name in tables] or None,
            )
        )
        failures = [event for event in result.all_events if event.is_step_failure]
        reasons = "\n".join(_reasons(event.step_failure_data.error) for event in failures)
        evaluated = [
            record.timestamp
            for record in used.all_logs(result.run_id)
            if record.is_dagster_event and record.get_dagster_event().event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
        ]
        first_proof = min(evaluated) - began if evaluated else None
        return Ran(result.success, result.run_id, tuple(str(event.step_key) for event in failures), reasons, first_proof)

    def dumps(self, tables: Iterable[str] = ()) -> dict[str, str]:
        """The canonical dumps of all stored tables outside raw, or of some of them."""
        warehouse = self.lake().warehouse()
        warehouse.refresh()
        with warehouse.open() as reader:
            found = dump.digests(reader, warehouse.catalogue.stored())
        wanted = set(tables) & set(found) or set(found)
        return {name: digest for name, digest in found.items() if name in wanted}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the warehouse answers."""
        with self.lake().warehouse().open() as reader:
            return reader.execute(sql).fetchall()

    def objects(self, layer: str = "*") -> dict[str, str]:
        """The finished objects by their key, with a digest of their bytes; contract files left out."""
        root = self.folder / "lake"
        found = (path for path in root.glob(f"{layer}/**/*.parquet") if ".aside" not in path.parts and "year=0001" not in path.parts)
        return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(found)}

    def copied(self, folder: Path, *layers: str) -> "House":
        """Another house without vendors that has only some layers of this lake."""
        for layer in layers:
            shutil.copytree(self.folder / "lake" / layer, folder / "lake" / layer)
        kept = {name: self.variables[name] for name in ("CLOCK", "START_DATE") if name in self.variables}
        return House(folder, kept)


def _reasons(error: Any) -> str:
    told = []
    while error is not None:
        told.append(str(error.message))
        error = error.cause
    return "".join(told)


def of(folder: Path, vendors: Sandbox) -> House:
    """A house pointed at a sandbox, at its time."""
    return House(folder, {**vendors.environment, "CLOCK": vendors.now.isoformat()})


def key(table: str, day: date, layer: str) -> str:
    """Where the object of a table and day lies in the lake."""
    return f"{layer}/{table}/year={day.year:04d}/month={day.month:02d}/day={day.day:02d}/{table}.parquet"


def tampered(lake: House, object_key: str, column: str, value: Any, kind: pa.DataType | None = None) -> None:
    """Somebody opened an object and changed a column of it; its papers stay."""
    path = lake.folder / "lake" / object_key
    table = pq.ParquetFile(path).read()
    place = table.schema.get_field_index(column)
    changed = table.set_column(place, column, pa.array([value] * len(table), kind or table.schema.field(place).type))
    lakes.rewritten(path, changed)


def told_by(lake: House, day: date) -> dict[str, set[tuple[str, str, str]]]:
    """What a raw day tells, by the UTC day of beginning: (conversation, SHA-256 of the record, feed); plain Python over the pages."""
    table = pq.ParquetFile(lake.folder / "lake" / key("raw_genesys_interactions", day, "raw")).read(columns=["feed", "body"])
    found: dict[str, set[tuple[str, str, str]]] = {}
    for page in table.to_pylist():
        for record in json.loads(page["body"]).get("conversations", []):
            start = record.get("conversationStart") if isinstance(record, dict) else None
            if isinstance(start, str) and record.get("conversationId"):
                digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
                found.setdefault(start[:10], set()).add((record["conversationId"], digest, page["feed"]))
    return found


def moment(lake: House) -> datetime:
    """What time it is in a house."""
    return datetime.fromisoformat(lake.variables["CLOCK"])


def noon_after(day: date) -> datetime:
    """12:00 UTC of the day after."""
    return datetime.combine(day + timedelta(days=1), time_of_day(12), UTC)


def links(lake: House, day: date) -> dict[str, tuple[Any, ...]]:
    """Every link of a day by interaction, provenance left out, and at the end the SHA-256 of the telling that won."""
    found = lake.rows(
        "select links.* exclude (loaded_at, run_id), told.record_sha256 from facts.interaction_links as links "
        "join staging.staging_genesys_metrics as told on told.conversation_id = links.interaction_id and told.day_utc = links.day_utc "
        f"where links.day_utc = date '{day}'"
    )
    return {str(row[0]): row for row in found}


def personal(lake: House) -> set[str]:
    """E-mail addresses and telephone numbers as the vendors told them, from the raw tables themselves."""
    fields = ("Email", "Phone", "MobilePhone", "HomePhone", "OtherPhone")
    records = [json.loads(row[0]) for row in lake.rows("select record from raw.raw_salesforce_contacts")]
    told = {str(record[name]) for record in records for name in fields if record.get(name)}
    addresses = lake.rows("select unnest([customer_address, customer_phone, customer_email]) from staging.staging_genesys_metrics")
    return told | {str(row[0]) for row in addresses if row[0]}


def found(folder: Path, said: str, needles: set[str]) -> list[str]:
    """Where a needle stands: in what was said, or in a file of the folder; pages under way and locks are no logs."""
    files = [path for path in folder.rglob("*") if path.is_file() and not {"journal", "locks"} & set(path.parts)]
    texts = {path.name: path.read_bytes() for path in files} | {"said": said.encode()}
    return [f"{place}: {needle[:4]}…" for place, text in texts.items() for needle in needles if needle.encode() in text]


def tokens(vendors: Sandbox) -> set[str]:
    return {*vendors.genesys.tokens, *vendors.salesforce.sessions}


def after_raw() -> list[str]:
    """Every table and view that is built from other tables."""
    return [name for name in _tables() if not name.startswith("raw_")]


def until_staged() -> list[str]:
    """Every table of raw and staging: what vendors can trouble, and what is made of it first."""
    return [name for name in _tables() if name.startswith(("raw_", "staging_", "quarantine_records"))]


def _tables() -> list[str]:
    return sorted(key.to_user_string() for key in build_defs().resolve_asset_graph().get_all_asset_keys())


@contextmanager
def troubled(vendors: Sandbox, *rules: Rule) -> Iterator[tuple[Rule, ...]]:
    """The sandbox with scripted faults for a while."""
    # Both gates share one list of rules.
    scripted = vendors.gates["genesys"].rules  # type: ignore[attr-defined]  # a gate by construction
    scripted.extend(rules)
    try:
        yield rules
    finally:
        for rule in rules:
            scripted.remove(rule)


def _in_child(house: House, days: list[date], tables: list[str]) -> None:
    ran = house.run(days, tables)
    if not ran.success:
        raise SystemExit(ran.reasons)


def child(house: House, days: Iterable[date], tables: Iterable[str] = (), *, failpoint: str = "") -> multiprocessing.process.BaseProcess:
    """A process that runs the job and may be killed in it; forked from a server that has everything imported and nothing running."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    armed = replace(house, variables={**house.variables, **({"FAILPOINT": failpoint} if failpoint else {})})
    process = context.Process(target=_in_child, args=(armed, list(days), list(tables)))
    process.start()
    return process
