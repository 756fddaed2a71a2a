"""One row per industry: how many of its customers' interactions a bot handled alone, on the last 7 final days.

A view over `unified_interactions` by the Account's industry at the interaction; days that are not final yet do not count, and with
`NULL_CRM_POLICY=block` neither do biased ones. Interactions without an Account, or of one without an industry, are absent (S1-27, §6.8).
Do not read containment as success: who gave up while the bot spoke may count as handled by it.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.audit import data_status
from genesys_crm_assets.lake.body import Body, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.marts import unified_interactions

TABLE = Table(
    name="bot_containment_by_industry",
    layer="marts",
    description=__doc__,
    key=("industry",),
    columns=(
        Column("industry", "varchar", "Industry at the interaction.", required=True),
        Column("total_contacts", "bigint", "Interactions.", required=True, comes_from=("unified_interactions.interaction_id",)),
        Column(
            "bot_containment_pct",
            "double",
            "Interactions handled by a bot alone in per cent of contacts, one decimal.",
            required=True,
            comes_from=("unified_interactions.handled_by_bot_only",),
        ),
        Column(
            "abandon_rate_pct",
            "double",
            "Abandoned interactions in per cent of contacts, one decimal.",
            required=True,
            comes_from=("unified_interactions.abandoned",),
        ),
    ),
    daily=False,
    stored=False,
)
BODY = Body(reads=(Read(unified_interactions.TABLE), Read(data_status.TABLE)), sql=sql_beside(__file__))


@graph.asset(TABLE, BODY)
def bot_containment_by_industry(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.view(context, lake, TABLE, BODY)
