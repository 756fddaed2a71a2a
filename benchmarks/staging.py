"""Raw to staging, three ways over the same generated conversations of about 5 KB: which is fastest per CPU second, and at what memory.

Run by `make bench`, or `python benchmarks/staging.py [conversations]`. Each way runs in a process of its own, first over a few to see that
all agree on the columns they share, then timed from records in Parquet to an Arrow table. The typed way makes every column of
`staging_genesys_metrics`; the other two leave out scores, told ids and e-mail addresses, so they are flattered. Trust the ratios.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from genesys_crm_assets.lake.table import body_schema
from genesys_crm_assets.staging import addresses, genesys_metrics
from genesys_crm_assets.staging.conversation import decode
from genesys_crm_assets.staging.conversation_columns import AGENTS, CUSTOMERS, TRANSFERS, Words, columns_of

WORDS = Words("sfCaseId", "sfAccountId", "sfContactId", "escalated", "true", "botHandled", "true", "US")
START = datetime(2026, 11, 3, tzinfo=UTC)
ANSWERED, KNOWN, COMPLETE = 0.9, 0.5, 0.7
SUMS = {"handle_time_ms": "tHandle", "wrap_up_time_ms": "tAcw", "queue_time_ms": "tAcd"}
SHARED = (
    *("conversation_id", "conversation_start", "conversation_end", "duration_ms", "media_type", "direction", "queue_id", "last_queue_id"),
    *(
        "queue_ids",
        "agent_ids",
        "agent_id",
        *SUMS,
        "talk_time_ms",
        "hold_time_ms",
        "disposition_code",
        "abandoned",
        "transferred",
        "external_contact_id",
    ),
    *("was_escalated", "customer_address", "customer_phone"),
)


def moment(start: datetime, seconds: float) -> str:
    return (start + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(seconds * 1000) % 1000:03d}Z"


def uuid(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def told_metrics(start: datetime, at: float, **values: int) -> list[dict[str, Any]]:
    return [{"emitDate": moment(start, at), "name": name, "value": value} for name, value in values.items()]


def told_segment(start: datetime, begin: float, end: float, kind: str, **more: Any) -> dict[str, Any]:
    return {"conference": False, "segmentStart": moment(start, begin), "segmentEnd": moment(start, end), "segmentType": kind, **more}


def customer(rng: random.Random, start: datetime, about: dict[str, Any], ends: float) -> dict[str, Any]:
    session = {
        **about,
        "sessionId": uuid(rng),
        "ani": f"tel:+1202555{rng.randrange(10_000):04d}",
        "dnis": "tel:+18005550100",
        "metrics": told_metrics(start, 0.2, nConnected=1),
        "segments": [told_segment(start, 0, 0.2, "system"), told_segment(start, 0.2, ends, "interact")],
    }
    told = {
        "participantId": uuid(rng),
        "purpose": "customer",
        "participantName": "Mobile Number, Country",
        "attributes": {"Intent": "billing", "Language": "en-US", "escalated": rng.choice(["true", "false"]), "notes": "x" * 120},
        "sessions": [session],
    }
    return {**told, "externalContactId": uuid(rng)} if rng.random() < KNOWN else told


def agent(  # noqa: PLR0913, PLR0917 - one parameter for each thing that differs
    rng: random.Random, start: datetime, about: dict[str, Any], queue: str, at: float, wait: float, *, hands_on: bool
) -> dict[str, Any]:
    talk, acw = rng.randrange(20_000, 300_000), rng.randrange(0, 60_000)
    ends = at + talk / 1000
    worked = {
        "tAlert": 900,
        "tAnswered": int(wait * 1000),
        "tTalk": talk // 2,
        "tHeldComplete": 500,
        "tAcw": acw,
        "tHandle": talk + acw,
    }
    return {
        **about,
        "sessionId": uuid(rng),
        "metrics": [
            *told_metrics(start, ends, **worked),
            *told_metrics(start, ends, tTalk=talk - talk // 2, **({"nTransferred": 1} if hands_on else {})),
            *(told_metrics(start, ends, tTalkComplete=talk) if rng.random() < COMPLETE else []),
        ],
        "segments": [
            told_segment(start, at, at + 1, "alert", queueId=queue),
            told_segment(start, at + 1, ends, "interact", queueId=queue),
            told_segment(start, ends, ends + acw / 1000, "wrapup", queueId=queue, wrapUpCode=uuid(rng), wrapUpNote="sent copy"),
        ],
    }


def conversation(rng: random.Random, queues: list[str], users: list[str]) -> dict[str, Any]:
    start = START + timedelta(milliseconds=rng.randrange(86_400_000))
    medium = rng.choice(["voice", "voice", "message", "email", "chat"])
    stats = {"codecs": ["audio/opus"], "minMos": 4.88, "minRFactor": 92.4, "receivedPackets": rng.randrange(9999)}
    about = {"mediaType": medium, "direction": "inbound", "provider": "Edge", "remote": "Mobile Number", "protocolCallId": uuid(rng)}
    about["mediaEndpointStats"] = [stats]
    answered = rng.random() < ANSWERED
    hops = 0 if not answered else rng.choice([1, 1, 1, 2])
    wait = rng.uniform(2, 90)
    told = [customer(rng, start, about, wait + 400 * hops)]
    for hop in range(max(hops, 1)):
        queue, at = rng.choice(queues), wait + 400 * hop
        outcome = {"nOffered": 1, "tAcd": int(wait * 1000)} if answered else {"nOffered": 1, "tAbandon": 900, "tAcd": 900}
        waiting = {**about, "sessionId": uuid(rng), "metrics": told_metrics(start, at, **outcome)}
        waiting["segments"] = [told_segment(start, at - wait, at, "interact", queueId=queue)]
        told.append({"participantId": uuid(rng), "purpose": "acd", "participantName": "Support", "sessions": [waiting]})
        if not answered:
            break
        session = agent(rng, start, about, queue, at, wait, hands_on=hop + 1 < hops)
        told.append({"participantId": uuid(rng), "purpose": "agent", "userId": rng.choice(users), "sessions": [session]})
    return {
        "conversationId": uuid(rng),
        "conversationStart": moment(start, 0),
        "conversationEnd": moment(start, wait + 400 * hops + 60),
        "divisionIds": [queues[0]],
        "originatingDirection": "inbound",
        "participants": told,
    }


def generate(place: Path, count: int) -> int:
    rng = random.Random(7)
    queues, users = [uuid(rng) for _ in range(20)], [uuid(rng) for _ in range(200)]
    records = [json.dumps(conversation(rng, queues, users), separators=(",", ":")).encode() for _ in range(count)]
    pq.write_table(pa.table({"record": pa.array(records, pa.binary())}), place, compression="zstd", row_group_size=8_192)
    return sum(map(len, records)) // count


def typed(place: Path) -> pa.Table:
    given = [field for field in body_schema(genesys_metrics.TABLE) if field.name not in {"record_sha256", "is_provisional"}]
    batches = []
    for batch in pq.ParquetFile(place).iter_batches(1_024):
        rows = [columns_of(decode(record), WORDS) for record in batch.column("record").to_pylist()]
        arrays = [pa.array([row[field.name] for row in rows], field.type) for field in given]
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=pa.schema(given)))
    return pa.Table.from_batches(batches)


def flattened(place: Path) -> pa.Table:
    frames = [flat(batch.column("record").to_pylist()) for batch in pq.ParquetFile(place).iter_batches(8_192)]
    return with_phones(pl.concat(frames).to_arrow())


def with_phones(table: pa.Table) -> pa.Table:
    phones = [addresses.phone(address, WORDS.default_phone_region) for address in table.column("customer_address").to_pylist()]
    return table.append_column("customer_phone", pa.array(phones, pa.string()))


def flat(records: list[bytes]) -> pl.DataFrame:
    heads: list[tuple[Any, ...]] = []
    sessions: list[tuple[Any, ...]] = []
    segments: list[tuple[Any, ...]] = []
    metrics: list[tuple[Any, ...]] = []
    for row, record in enumerate(records):
        told = decode(record)
        participants = told.participants or ()
        customers = [one for one in participants if one.purpose in CUSTOMERS]
        contact = next((one.external_contact_id for one in customers if one.external_contact_id), None)
        flags = [one.attributes["escalated"] for one in participants if one.attributes and "escalated" in one.attributes]
        begun, ended = told.conversation_start, told.conversation_end
        heads.append((row, told.conversation_id, begun, ended, told.originating_direction, contact, flags[-1] if flags else None))
        for one in participants:
            customer, agent = one.purpose in CUSTOMERS, one.purpose in AGENTS
            for session in one.sessions or ():
                number = len(sessions)
                out = session.direction == "outbound"
                address = (session.dnis or session.address_to) if out else (session.ani or session.address_from)
                sessions.append((row, number, session.media_type, customer, address))
                segments.extend(
                    (
                        row,
                        one.participant_id,
                        one.user_id,
                        agent,
                        part.segment_start,
                        part.segment_end,
                        part.segment_type,
                        part.queue_id,
                        part.wrap_up_code,
                    )
                    for part in session.segments or ()
                )
                metrics.extend((row, one.participant_id, number, agent, metric.name, metric.value) for metric in session.metrics or ())
    return expressed(heads, sessions, segments, metrics)


def frame(rows: list[tuple[Any, ...]], **schema: Any) -> pl.DataFrame:
    return pl.DataFrame(dict(zip(schema, zip(*rows, strict=True), strict=True)), schema=schema)


def expressed(heads: list[Any], sessions: list[Any], segments: list[Any], metrics: list[Any]) -> pl.DataFrame:
    utc, text, whole = pl.Datetime("us", "UTC"), pl.String, pl.Int64
    names = {"conversation_id": text, "conversation_start": utc, "conversation_end": utc, "direction": text}
    head = frame(heads, row=whole, **names, external_contact_id=text, flag=text)
    session = frame(sessions, row=whole, session=whole, media=text, customer=pl.Boolean, address=text)
    segment = frame(segments, row=whole, person=text, user=text, agent=pl.Boolean, start=utc, end=utc, type=text, queue=text, code=text)
    metric = frame(metrics, row=whole, person=text, session=whole, agent=pl.Boolean, name=text, value=whole)
    media = session.filter(pl.col("media").is_not_null()).sort("customer", descending=True, maintain_order=True)
    media = media.group_by("row", maintain_order=True).agg(media_type=pl.col("media").first())
    address = session.filter(pl.col("customer") & pl.col("address").is_not_null())
    address = address.group_by("row", maintain_order=True).agg(customer_address=pl.col("address").first())
    queue = segment.filter(pl.col("queue").is_not_null()).sort("start", nulls_last=True, maintain_order=True)
    queue = queue.group_by("row", maintain_order=True).agg(
        queue_id=pl.col("queue").first(), last_queue_id=pl.col("queue").last(), queue_ids=pl.col("queue").unique(maintain_order=True)
    )
    code = segment.filter(pl.col("agent") & (pl.col("type") == "wrapup") & (pl.col("code") != "")).sort("end", maintain_order=True)
    code = code.group_by("row", maintain_order=True).agg(disposition_code=pl.col("code").last())
    value, name = pl.col("value"), pl.col("name")
    spoken = segment.filter(pl.col("agent") & (pl.col("type") == "interact") & pl.col("user").is_not_null())
    spoken = spoken.sort("start", nulls_last=True, maintain_order=True).unique(["row", "person"], keep="first", maintain_order=True)
    handled = metric.filter(name == "tHandle").group_by("row", "person").agg(handle=value.sum())
    spoken = spoken.join(handled, on=["row", "person"], how="left", maintain_order="left")
    agents = spoken.group_by("row", "user", maintain_order=True).agg(handle=pl.col("handle").sum())
    agents = agents.group_by("row", maintain_order=True).agg(
        agent_ids=pl.col("user"), agent_id=pl.col("user").sort_by("handle", descending=True, maintain_order=True).first()
    )
    parts = {column: value.filter(name == told).sum() for column, told in SUMS.items()}
    for column, complete, part in (("talk_time_ms", "tTalkComplete", "tTalk"), ("hold_time_ms", "tHeldComplete", "tHeld")):
        parts[column] = (
            pl.when((name == complete).any()).then(value.filter(name == complete).sum()).otherwise(value.filter(name == part).sum())
        )
    sums = metric.group_by("row", "session").agg(
        **parts,
        abandoned=(name == "tAbandon").any(),
        transferred=(pl.col("agent") & name.is_in(list(TRANSFERS)) & (value > 0)).any(),
    )
    sums = sums.group_by("row").agg(pl.col(*parts).sum(), pl.col("abandoned", "transferred").any())
    whole_row = head
    for part in (media, address, queue, agents, code, sums):
        whole_row = whole_row.join(part, on="row", how="left")
    return whole_row.with_columns(
        pl.col("conversation_start", "conversation_end").dt.replace_time_zone(None),
        duration_ms=(pl.col("conversation_end") - pl.col("conversation_start")).dt.total_milliseconds(),
        agent_ids=pl.col("agent_ids").fill_null([]),
        was_escalated=(pl.col("flag").str.to_lowercase() == "true").fill_null(value=False),
    ).select(SHARED[:-1])


def in_duckdb(place: Path) -> pa.Table:
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "records.ndjson"
        with lines.open("wb") as out:
            for batch in pq.ParquetFile(place).iter_batches(1_024):
                out.writelines(record + b"\n" for record in batch.column("record").to_pylist())
        with duckdb.connect() as engine:
            engine.execute("set timezone = 'UTC'; set threads = 1")
            sql = Path(__file__).with_suffix(".sql").read_text()
            return with_phones(engine.sql(sql, params={"lines": str(lines)}).to_arrow_table())


WAYS = {"typed structs, Python": typed, "typed structs, Polars": flattened, "DuckDB over NDJSON": in_duckdb}


def rows_of(table: pa.Table) -> dict[str, dict[str, Any]]:
    return {row["conversation_id"]: row for row in table.select(SHARED).to_pylist()}


def agree(place: Path) -> None:
    expected, *others = (rows_of(way(place)) for way in WAYS.values())
    for name, found in zip(list(WAYS)[1:], others, strict=True):
        differing = [(key, column) for key in expected for column in SHARED if found[key][column] != expected[key][column]]
        assert not differing, f"{name} differs in {differing[:3]}"


def resident(word: str) -> float:
    told = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(word))
    return int(told.split()[1]) / 1024


def timed(name: str, place: Path) -> dict[str, float]:
    addresses.phone("+12025550111", "US")  # loads the library's tables, once per process whatever the way
    before, cpu = resident("VmRSS"), time.process_time()
    rows = WAYS[name](place).num_rows
    return {"rows": rows, "cpu": time.process_time() - cpu, "peak": resident("VmHWM") - before}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few.parquet", Path(folder) / "many.parquet"
        generate(few, 500)
        agree(few)
        print(f"{count} conversations of {generate(many, count)} bytes; all ways agree on {len(SHARED)} columns of 500")
        print(f"{'way':<26}{'per CPU second':>16}{'peak MiB':>10}{'ratio':>7}")
        fastest = 0.0
        for name in WAYS:
            said = subprocess.run([sys.executable, __file__, "--time", name, str(many)], check=True, capture_output=True, text=True)  # noqa: S603 - itself
            found = json.loads(said.stdout)
            speed = found["rows"] / found["cpu"]
            fastest = fastest or speed
            print(f"{name:<26}{speed:>16,.0f}{found['peak']:>10,.0f}{speed / fastest:>7.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--time"]:
        print(json.dumps(timed(sys.argv[2], Path(sys.argv[3]))))
    else:
        main()
