"""One row per conversation that began on a UTC day: its times, queues, agents, outcome, scores and what it tells of the customer.

Built daily from `staging_genesys_tellings`: of several tellings, on that day and any later one, the last wins, and one without participant
attributes never replaces one with them. A day stays provisional until Genesys' jobs hold the whole of it.
Absent are conversations that could not be staged (`quarantine_records`) and, where only the query feed told, participant attributes.
Do not sum handle times over `queue_id` to rate a queue: a transferred conversation belongs to several (`fact_queue_activity`).

The body is typed Python by measurement (`make bench`, `benchmarks/staging.py`; 20,000 conversations of 4 KB, 2 shared cores, four runs):
8,100 conversations per CPU second at 150 MiB. Polars over arrays flattened from the same structs made 0.8 of that at twice the memory. DuckDB
over NDJSON made 1.2 to 1.3 of it with fewer columns, but at 2.6 times the memory, growing with the day, and it refuses a day over one record
that can be staged: nested deeper than 128, or with half a surrogate pair. That decided.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Day, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.staging import genesys_tellings
from genesys_crm_assets.staging.conversation import decode
from genesys_crm_assets.staging.conversation_columns import Words, columns_of

_RECORD = ("staging_genesys_tellings.record",)
_BATCH = 1_024


def _column(name: str, kind: str, description: str, *, required: bool = False, personal: bool = False) -> Column:
    return Column(name, kind, description, required=required, personal=personal, comes_from=_RECORD)


TABLE = Table(
    name="staging_genesys_metrics",
    layer="staging",
    description=__doc__,
    key=("conversation_id",),
    columns=(
        Column("conversation_id", "varchar", "The conversation.", required=True),
        _column("conversation_start", "timestamp", "When it began, UTC.", required=True),
        _column("conversation_end", "timestamp", "When it ended, UTC; null while open."),
        _column("duration_ms", "bigint", "End minus start; null while open."),
        _column("media_type", "varchar", "The customer's first medium, else the first of any session."),
        _column("direction", "varchar", "How it originated: inbound or outbound."),
        _column("queue_id", "varchar", "The first queue, by the start of segments."),
        _column("last_queue_id", "varchar", "The last queue; the first again where it came back."),
        _column("queue_ids", "varchar[]", "Every queue once, in the sequence of first appearance.", required=True),
        _column("agent_ids", "varchar[]", "Agents who interacted, once each, in the sequence they first did.", required=True),
        _column("agent_id", "varchar", "Of those the one who handled longest."),
        _column("handle_time_ms", "bigint", "Sum of tHandle over all sessions, unanswered ones too.", required=True),
        _column("wrap_up_time_ms", "bigint", "After-call work: sum of tAcw.", required=True),
        _column("queue_time_ms", "bigint", "Waiting in queues: sum of tAcd.", required=True),
        _column("talk_time_ms", "bigint", "Sum over sessions of tTalkComplete, else of its tTalk.", required=True),
        _column("hold_time_ms", "bigint", "Sum over sessions of tHeldComplete, else of its tHeld.", required=True),
        _column("disposition_code", "varchar", "The agents' latest wrap-up code; `ININ-…` are the system's own."),
        _column("abandoned", "boolean", "The customer left while waiting in a queue.", required=True),
        _column("transferred", "boolean", "An agent passed it on.", required=True),
        _column("external_contact_id", "varchar", "Genesys' external contact of the first customer that has one; never a CRM id."),
        _column("crm_case_id", "varchar", "Case told in participant attributes, 18 characters; not checked against the CRM."),
        _column("crm_account_id", "varchar", "Account told in participant attributes, 18 characters."),
        _column("crm_contact_id", "varchar", "Contact told in participant attributes, 18 characters."),
        _column("was_escalated", "boolean", "The attribute for escalation says so.", required=True),
        _column("handled_by_bot_only", "boolean", "The attribute for bots says so.", required=True),
        _column("qa_score", "double", "Score of the latest released evaluation, calibrations left out."),
        _column("csat_score", "double", "Score of the survey completed last."),
        _column("customer_address", "varchar", "The customer's number or address, as told.", personal=True),
        _column("customer_phone", "varchar", "The address in E.164, where it is a possible phone number.", personal=True),
        _column("customer_email", "varchar", "The address in lower case, where it is an e-mail address.", personal=True),
        _column("division_ids", "varchar[]", "Divisions it belongs to, as told.", required=True),
        Column("record_sha256", "varchar", "SHA-256 of the bytes of the telling that won.", required=True),
        Column("is_provisional", "boolean", "No job complete past its day has told these very bytes yet.", required=True),
        _column("invalid_told_ids", "bigint", "Attribute values that should be CRM ids and are not; ignored.", required=True),
    ),
)


def stage(session: duckdb.DuckDBPyConnection, day: Day) -> pa.Table:
    """One row for each conversation that began on the day, of its winning telling (S0-32, S1-19)."""
    words = _words(session)
    winners: pa.RecordBatchReader = session.sql(sql_beside(__file__, "winners"), params={"day": day.day}).to_arrow_reader(_BATCH)
    schema = body_schema(TABLE)
    return pa.Table.from_batches(_batches(winners, words, schema), schema=schema)


def _words(session: duckdb.DuckDBPyConnection) -> Words:
    names = Words.__dataclass_fields__
    found = session.execute("select columns(lambda name: list_contains($names, name)) from audit.settings", {"names": list(names)})
    row = dict(zip((column[0] for column in found.description or ()), found.fetchall()[0], strict=True))
    return Words(**row)


def _batches(winners: pa.RecordBatchReader, words: Words, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in winners:
        told = [columns_of(decode(record), words) for record in batch.column("record").to_pylist()]
        given = {name: batch.column(name) for name in ("record_sha256", "is_provisional")}
        arrays = [given[field.name].cast(field.type) if field.name in given else _array(told, field) for field in schema]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(told: list[dict[str, Any]], field: pa.Field) -> pa.Array:
    return pa.array([columns[field.name] for columns in told], field.type)


BODY = Body(
    reads=(Read(genesys_tellings.TABLE, "onward"),),
    python=stage,
    proofs=(
        Proof(
            "every_conversation_told_is_staged_once",
            sql_beside(__file__, "proof"),
            "Rows = distinct conversations of the day among all tellings in the lake (P1). Where it fails, a later raw day landed meanwhile: build again.",
        ),
    ),
    follows=(genesys_tellings.TABLE,),
    gathers=genesys_tellings.TABLE,
    gathered_by=("start_day", "conversation_id", "record_sha256"),
)


@graph.asset(TABLE, BODY)
def staging_genesys_metrics(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
