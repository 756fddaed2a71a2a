"""One row per UTC day of activity that was landed: whether it can be trusted yet, and what is wrong where it cannot.

A view over the raw tables' pages and papers, the facts and `reconciliation`; nothing in it is remembered, so nothing in it goes stale.
A day is final when it is over, Genesys' lake has passed its end, and every CRM day up to it was read past its end; until then it is
provisional. Days that were never landed are absent.
Do not read `is_final` as correct: `is_reconciled` says whether its totals agree, `is_biased` whether too few interactions have an account.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.audit import finality, reconciliation
from genesys_crm_assets.facts import (
    agent_adherence,
    anonymous_interactions,
    customer_interactions,
    interaction_links,
    quarantine_interactions,
    queue_activity,
    sessions,
)
from genesys_crm_assets.lake.body import Body, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.raw import genesys_adherence, genesys_queue_totals, salesforce_totals
from genesys_crm_assets.raw import genesys_external_contacts as raw_external_contacts
from genesys_crm_assets.staging import (
    genesys_external_contacts,
    genesys_metrics,
    genesys_sessions,
    genesys_tellings,
    salesforce_accounts,
    salesforce_cases,
    salesforce_contacts,
    salesforce_field_history,
    salesforce_opportunities,
    salesforce_users,
)

TABLE = Table(
    name="data_status",
    layer="audit",
    description=__doc__,
    key=("day_utc",),
    columns=(
        Column("day_utc", "date", "The UTC day.", required=True),
        Column("is_over", "boolean", "Some page was received after the day's end.", required=True),
        Column("is_final", "boolean", "Over, and both vendors say that nothing more is to come.", required=True),
        Column("crm_read_until", "timestamp", "Up to when every CRM table was read for this day, UTC."),
        Column("provisional_interactions", "bigint", "Interactions that no job complete past its day has told yet.", required=True),
        Column("interactions", "bigint", "Interactions that began on the day.", required=True),
        Column("null_account_rate", "double", "Share of them without a resolved account; null without interactions."),
        Column("is_biased", "boolean", "Final, and that share is above `MAX_NULL_CRM_RATE` (S1-28).", required=True),
        Column("largest_variance", "double", "Largest unexplained variance of a metric on the day; null where nothing was compared."),
        Column("is_reconciled", "boolean", "Compared, and that variance is within `RECONCILIATION_TOLERANCE`.", required=True),
        Column("lagging_tables", "varchar[]", "Tables whose object of the day no longer says what its sources say.", required=True),
        Column("quarantined_records", "bigint", "Records told that day that could not be staged.", required=True),
        Column("quarantined_interactions", "bigint", "Interactions of the day at which a person must look.", required=True),
        Column("last_received_at", "timestamp", "When the day's last page arrived, UTC."),
    ),
    daily=False,
    stored=False,
)
BODY = Body(
    reads=(
        *finality.READS,
        *(
            Read(table, "all")
            for table in (
                genesys_tellings.TABLE,
                genesys_tellings.QUARANTINE,
                genesys_metrics.TABLE,
                genesys_sessions.TABLE,
                genesys_external_contacts.TABLE,
                raw_external_contacts.TABLE,
                interaction_links.TABLE,
                customer_interactions.TABLE,
                anonymous_interactions.TABLE,
                quarantine_interactions.TABLE,
                queue_activity.TABLE,
                sessions.TABLE,
                genesys_adherence.TABLE,
                agent_adherence.TABLE,
                reconciliation.TABLE,
                genesys_queue_totals.TABLE,
                salesforce_totals.TABLE,
                salesforce_accounts.TABLE,
                salesforce_cases.TABLE,
                salesforce_contacts.TABLE,
                salesforce_field_history.TABLE,
                salesforce_opportunities.TABLE,
                salesforce_users.TABLE,
            )
        ),
    ),
    steps=(
        finality.STEP,
        *((name, sql_beside(__file__, name)) for name in ("follows", "objects", "held", "held_once", "reordered", "lag")),
    ),
    sql=sql_beside(__file__),
)


@graph.asset(TABLE, BODY)
def data_status(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.view(context, lake, TABLE, BODY)
