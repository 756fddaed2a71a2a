"""One row per count as Salesforce says it: the Cases created, and the Cases closed, on a UTC day.

Counted daily with `SELECT COUNT()`, after the case records of the day were read; deleted Cases are not in it. What our own counts of the
same day are reconciled with (§6.6 c). Do not expect an old day's count to stand: Cases are reopened and deleted.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg
import pyarrow as pa

from genesys_crm_assets import graph, partitions, walk
from genesys_crm_assets.lake.body import Body, Proof, sql_beside
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.raw import pages, windows
from genesys_crm_assets.raw import salesforce as salesforce_objects
from genesys_crm_assets.resources import Lake, Salesforce
from genesys_crm_assets.sources.salesforce import soql
from genesys_crm_assets.sources.salesforce.org import SalesforceOrg

TABLE = Table(
    name="raw_salesforce_totals",
    layer="raw",
    description=__doc__,
    key=("object", "statistic"),
    columns=(
        Column("object", "varchar", "The sObject counted.", required=True),
        Column("statistic", "varchar", "`created` or `closed` on the day.", required=True),
        Column("total", "bigint", "The count as the vendor says it.", required=True),
        Column("observed_at", "timestamp", "When the vendor said it, UTC.", required=True, provenance=True),
        *(column for column in pages.COLUMNS if column.name not in ("data_available_until", "received_at")),
        Column("received_at", "timestamp", "When the page arrived, UTC.", required=True, provenance=True),
    ),
)
BOTH_COUNTS_ARE_CLOSED = Proof(
    "both_counts_are_closed", sql_beside(__file__, "proof"), "Both counts or, for a window still empty, none; each page as hashed (P2)."
)
BODY = Body(reads=(), proofs=(BOTH_COUNTS_ARE_CLOSED,))

_STATISTICS = (("created", "CreatedDate"), ("closed", "ClosedDate"))


@graph.asset(TABLE, BODY, kinds={"salesforce", "parquet"}, deps=[salesforce_objects.raw_salesforce_cases])
def raw_salesforce_totals(context: dg.AssetExecutionContext, lake: Lake, salesforce: Salesforce) -> dg.MaterializeResult:
    """See the module."""
    with salesforce.client() as client:

        def step(builder: Builder, day: date) -> list[walk.Made]:
            return [land(lake, client, builder, day)]

        (result,) = walk.days(context, lake, [TABLE], partitions.days_of(context), step)
    return result


def land(lake: Lake, client: SalesforceOrg, builder: Builder, day: date) -> walk.Made:
    """Ask for both counts of one UTC day and write them aside."""
    window = windows.of_day(day, lake.environment.now())
    rows = [] if window.is_empty or "cases" in lake.absent else list(_rows(client, builder, window))
    table = pa.Table.from_pylist(rows, schema=body_schema(TABLE))
    body = Body(reads=(), python=lambda _session, _day: table, proofs=BODY.proofs)
    figures = {f"cases_{row['statistic']}": row["total"] for row in rows}
    asked = {"requests": sum(row["attempts"] for row in rows), "waited_ms": sum(row["waited_ms"] for row in rows)}
    return walk.Made(builder.aside(TABLE, body, day), {**figures, **asked})


def _rows(client: SalesforceOrg, builder: Builder, window: windows.Window) -> Iterator[dict[str, Any]]:
    for number, (statistic, field) in enumerate(_STATISTICS, 1):
        page = client.count(soql.count("Case", where=soql.window(field, window.start, window.end)))
        entry = pages.entry(page, number, builder.run_id)
        received = pages.naive(entry["received_at"])
        yield {
            **entry,
            "object": "Case",
            "statistic": statistic,
            "total": page.record_count,
            "observed_at": received,
            "received_at": received,
        }
