"""One row per customer tier: how often its customers' interactions were escalated in the 30 days that end with the last final day.

A view over `unified_interactions` by tier at the interaction; days after the last final one do not count, and with `NULL_CRM_POLICY=block` neither do biased ones.
Customers without a tier are absent, and so are interactions of nobody (S1-26, §6.8).
Do not read the average lifetime value as one of customers: it is averaged over interactions.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.audit import data_status
from genesys_crm_assets.lake.body import Body, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.marts import unified_interactions

TABLE = Table(
    name="escalation_by_tier",
    layer="marts",
    description=__doc__,
    key=("customer_tier",),
    columns=(
        Column(
            "customer_tier",
            "varchar",
            "Tier at the interaction.",
            required=True,
            comes_from=("unified_interactions.customer_tier_at_interaction",),
        ),
        Column(
            "total_contacts", "bigint", "Interactions of customers.", required=True, comes_from=("unified_interactions.interaction_id",)
        ),
        Column("escalations", "bigint", "Of these, escalated ones.", required=True, comes_from=("unified_interactions.was_escalated",)),
        Column(
            "escalation_rate_pct",
            "double",
            "Escalations in per cent of contacts, one decimal.",
            required=True,
            comes_from=("unified_interactions.was_escalated",),
        ),
        Column(
            "avg_handle_time_minutes",
            "double",
            "Handle time in minutes, averaged over interactions that have any.",
            comes_from=("unified_interactions.handle_time_ms",),
        ),
        Column(
            "avg_customer_ltv",
            "double",
            "Lifetime value now in USD, averaged over interactions.",
            comes_from=("unified_interactions.ltv_usd",),
        ),
    ),
    daily=False,
    stored=False,
)
BODY = Body(reads=(Read(unified_interactions.TABLE), Read(data_status.TABLE)), sql=sql_beside(__file__))


@graph.asset(TABLE, BODY)
def escalation_by_tier(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.view(context, lake, TABLE, BODY)
