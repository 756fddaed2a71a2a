"""One row per day, link method and case rule: how many interactions were linked that way, and among how many candidates.

A view over `interaction_links`, so as fresh as the links of each day.
The row with neither method nor rule counts the anonymous; the row with a method and no rule, customers for whom no case was in reach.
How right a rule is, is absent: `link_expectation` says that. Do not take many links for good ones.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.facts import interaction_links
from genesys_crm_assets.lake.body import Body, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table

TABLE = Table(
    name="join_quality",
    layer="audit",
    description=__doc__,
    key=("day_utc", "link_method", "case_match_rule"),
    columns=(
        Column("day_utc", "date", "UTC day the interactions began.", required=True),
        Column("link_method", "varchar", "How the customer was found; null: not at all."),
        Column("case_match_rule", "varchar", "How the case was found; null: not at all."),
        Column("interactions", "bigint", "Interactions linked that way.", required=True),
        Column(
            "mean_candidates",
            "double",
            "Cases of the customer that some rule would have accepted, on average.",
            required=True,
            comes_from=("interaction_links.match_candidates",),
        ),
    ),
    daily=False,
    stored=False,
)
BODY = Body(reads=(Read(interaction_links.TABLE, "all"),), sql=sql_beside(__file__))


@graph.asset(TABLE, BODY)
def join_quality(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.view(context, lake, TABLE, BODY)
