"""One row per day and blind rule: of the told cases that hold, how many the rule would have found without being told.

A view over `interaction_links`: where a case was told and holds, the blind answer beside it is a labelled sample of the org's own data (§6.3).
The row without a rule counts the told cases for which the blind steps found none; days without a told case are absent.
Do not take it for the truth about untold conversations: those in which nobody told a case need not be like those in which somebody did.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.facts import interaction_links
from genesys_crm_assets.lake.body import Body, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table

TABLE = Table(
    name="link_expectation",
    layer="audit",
    description=__doc__,
    key=("day_utc", "blind_case_match_rule"),
    columns=(
        Column("day_utc", "date", "UTC day the interactions began.", required=True),
        Column("blind_case_match_rule", "varchar", "The rule that answered, had no case been told; null: none did."),
        Column(
            "told_cases", "bigint", "Interactions whose told case holds.", required=True, comes_from=("interaction_links.case_match_rule",)
        ),
        Column(
            "agreeing",
            "bigint",
            "Of these, those whose blind answer is that case.",
            required=True,
            comes_from=("interaction_links.case_id", "interaction_links.blind_case_id"),
        ),
    ),
    daily=False,
    stored=False,
)
BODY = Body(reads=(Read(interaction_links.TABLE, "all"),), sql=sql_beside(__file__))


@graph.asset(TABLE, BODY)
def link_expectation(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.view(context, lake, TABLE, BODY)
