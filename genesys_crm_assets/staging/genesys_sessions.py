"""One row per participant session of a conversation that began on a UTC day: who took part, for which queue, on which medium, how long.

Built daily from the very tellings that `staging_genesys_metrics` chose, so both tables say the same of a conversation. Participants without
a session have no row. A transferred conversation belongs to more than one queue: here each session has its own.
Do not count conversations here, and do not add `queue_time_ms` over sessions of different purposes: the queue's own session (`acd`) and
the agents' may both tell of one wait.

The body is typed Python for the reason `staging_genesys_metrics` gives. Decoding the records here again costs a tenth of the CPU time of both
tables (20,000 conversations of 4 KB: 0.34 of 3.3 s; 12,000 conversations a CPU second at 170 MiB); one asset of two outputs would save that.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Day, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.staging import genesys_metrics, genesys_tellings
from genesys_crm_assets.staging.conversation import Conversation, Metric, Participant, Session, decode, milliseconds
from genesys_crm_assets.staging.conversation_columns import session_durations, session_queue, session_skills

_RECORD = ("staging_genesys_tellings.record",)
_BATCH = 1_024
_LARGEST = 2**63 - 1


def _column(name: str, kind: str, description: str, *, required: bool = False) -> Column:
    return Column(name, kind, description, required=required, comes_from=_RECORD)


COLUMNS = (
    Column("conversation_id", "varchar", "The conversation.", required=True, comes_from=("staging_genesys_metrics.conversation_id",)),
    _column("position", "bigint", "Which session of the conversation, from 1, in the order told; ids may be absent.", required=True),
    _column("participant_id", "varchar", "The participant; null where not told."),
    _column("session_id", "varchar", "The session; null where not told."),
    _column("purpose", "varchar", "The participant's part: `customer`, `agent`, `acd`, `ivr` and others."),
    _column("user_id", "varchar", "The Genesys user, of participants that are one."),
    _column("team_id", "varchar", "The user's team at the time."),
    _column("queue_id", "varchar", "The session's queue: the first, by the start of segments."),
    _column("skill_ids", "varchar[]", "Skills asked for, once each, by the start of segments.", required=True),
    _column("media_type", "varchar", "The session's medium."),
    _column("direction", "varchar", "`inbound` or `outbound`, of this session."),
    _column("handle_time_ms", "bigint", "Sum of tHandle.", required=True),
    _column("wrap_up_time_ms", "bigint", "After-call work: sum of tAcw.", required=True),
    _column("queue_time_ms", "bigint", "Waiting in a queue: sum of tAcd.", required=True),
    _column("talk_time_ms", "bigint", "tTalkComplete, else the sum of tTalk.", required=True),
    _column("hold_time_ms", "bigint", "tHeldComplete, else the sum of tHeld.", required=True),
)
"""What a session says of itself, in staging and in the fact."""

TABLE = Table(
    name="staging_genesys_sessions",
    layer="staging",
    description=__doc__,
    key=("conversation_id", "position"),
    columns=(
        *COLUMNS,
        _column(
            "metrics",
            "struct(name varchar, value bigint, emit_date timestamp)[]",
            "The session's metrics as told, in their order: `t…` in milliseconds, `n…` counts, `o…` observations; when emitted, UTC.",
            required=True,
        ),
    ),
)


def stage(session: duckdb.DuckDBPyConnection, day: Day) -> pa.Table:
    """One row for each participant session of the day's winning tellings (§6.1)."""
    records: pa.RecordBatchReader = session.sql(sql_beside(__file__, "records"), params={"day": day.day}).to_arrow_reader(_BATCH)
    schema = body_schema(TABLE)
    batches = (pa.RecordBatch.from_pylist(list(_rows(batch.column("record").to_pylist())), schema=schema) for batch in records)
    return pa.Table.from_batches(batches, schema=schema)


def _rows(records: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    return (row for record in records for row in sessions_of(decode(record)))


def sessions_of(conversation: Conversation) -> Iterator[dict[str, Any]]:
    """The rows of one conversation, in the order told; times UTC in milliseconds, durations in milliseconds."""
    position = 0
    for participant in conversation.participants or ():
        for session in participant.sessions or ():
            position += 1
            yield {"conversation_id": conversation.conversation_id, "position": position, **_columns(participant, session)}


def _columns(participant: Participant, session: Session) -> dict[str, Any]:
    durations = {name: max(-_LARGEST, min(total, _LARGEST)) for name, total in session_durations(session).items()}
    return {
        "participant_id": participant.participant_id,
        "session_id": session.session_id,
        "purpose": participant.purpose,
        "user_id": participant.user_id,
        "team_id": participant.team_id,
        "queue_id": session_queue(session),
        "skill_ids": session_skills(session),
        "media_type": session.media_type,
        "direction": session.direction,
        **durations,
        "metrics": [{"name": one.name, "value": one.value, "emit_date": _emitted(one)} for one in session.metrics or ()],
    }


def _emitted(metric: Metric) -> datetime | None:
    """Null too where UTC has no such moment, as just after midnight of year 1 in the east."""
    try:
        return milliseconds(metric.emit_date) if metric.emit_date is not None else None
    except OverflowError:
        return None


BODY = Body(
    reads=(Read(genesys_metrics.TABLE), Read(genesys_tellings.TABLE, "onward")),
    steps=(("chosen", sql_beside(__file__, "chosen")),),
    python=stage,
    proofs=(
        Proof(
            "every_staged_conversation_has_its_telling",
            sql_beside(__file__, "proof"),
            "Every conversation in staging_genesys_metrics was found in the bytes it was staged from; if not, build that table again first.",
        ),
    ),
    follows=(genesys_metrics.TABLE,),
)


@graph.asset(TABLE, BODY)
def staging_genesys_sessions(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
