"""One row per page landed: which request brought it, how many records it held, its hash, and how long it was waited for.

A view over the raw tables: page rows where rows are pages, the papers of the objects where rows are records, empty pages too.
Pages of attempts that were given up are absent: a raw object exists only when its ledger is closed. Of listings the kept observations are
here and the last reading; readings before it that brought nothing new are absent.
Do not add `record_count` up to conversations: one conversation may be told on several pages and days.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.raw import (
    genesys_adherence,
    genesys_external_contacts,
    genesys_interactions,
    genesys_queue_totals,
    genesys_reference,
    salesforce,
    salesforce_releases,
    salesforce_totals,
)

TABLE = Table(
    name="extraction_ledger",
    layer="audit",
    description=__doc__,
    key=("table_name", "day_utc", "page", "received_at"),
    columns=(
        Column("day_utc", "date", "UTC day the page was landed for; of a listing the day it was read.", required=True),
        Column("table_name", "varchar", "The raw table.", required=True),
        Column(
            "page",
            "bigint",
            "Number of the page within its reading; 0 where nothing was asked because the window was empty.",
            required=True,
        ),
        Column("request", "varchar", "The request as JSON, no host and no secret."),
        Column("cursor", "varchar", "The cursor, page number or link that asked for this page."),
        Column("record_count", "bigint", "Records in the page.", required=True),
        Column("body_sha256", "varchar", "SHA-256 of the page.", required=True),
        Column("received_at", "timestamp", "When it arrived, UTC.", required=True),
        Column("attempts", "bigint", "Requests sent for it."),
        Column("waited_ms", "bigint", "Milliseconds waited for limits and between attempts."),
        Column("run_id", "varchar", "The Dagster run that landed it."),
    ),
    daily=False,
    stored=False,
)
BODY = Body(
    reads=tuple(
        Read(table, "all")
        for table in (
            genesys_interactions.TABLE,
            genesys_queue_totals.TABLE,
            genesys_external_contacts.TABLE,
            genesys_adherence.TABLE,
            salesforce.CASES,
            salesforce.ACCOUNTS,
            salesforce.CONTACTS,
            salesforce.OPPORTUNITIES,
            salesforce.USERS,
            salesforce.FIELD_HISTORY,
            salesforce_totals.TABLE,
            genesys_reference.TABLE,
            salesforce_releases.TABLE,
        )
    ),
    sql=sql_beside(__file__),
)


@graph.asset(TABLE, BODY)
def extraction_ledger(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.view(context, lake, TABLE, BODY)
