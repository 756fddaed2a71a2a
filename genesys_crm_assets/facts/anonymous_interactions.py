"""One row per interaction for which neither a customer nor a case was found.

Built daily from `staging_genesys_metrics` and `interaction_links`; with `fact_customer_interactions` it makes up every staged interaction.
CRM columns are absent, not null: nobody is known. New customers, unknown numbers and calls that bypass the IVR are legitimate (S1-28).
Do not leave it out of contact volumes; read both facts, or `unified_interactions`.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.facts import interaction_columns, interaction_links
from genesys_crm_assets.lake.body import Body, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.staging import genesys_metrics

TABLE = Table(
    name="fact_anonymous_interactions",
    layer="facts",
    description=__doc__,
    key=("interaction_id",),
    columns=interaction_columns.COLUMNS,
)
BODY = Body(
    reads=(Read(genesys_metrics.TABLE), Read(interaction_links.TABLE)),
    steps=(("interactions", interaction_columns.SQL),),
    sql=sql_beside(__file__),
    proofs=(
        Proof(
            "anonymous_and_customer_rows_are_all_that_was_staged",
            sql_beside(__file__, "anonymous_and_customer_rows_are_all_that_was_staged"),
            "Staged rows = customer facts + anonymous facts (P1); if not, rebuild interaction_links for the day.",
        ),
    ),
    follows=(genesys_metrics.TABLE, interaction_links.TABLE),
    looks_back=True,
)


@graph.asset(TABLE, BODY)
def fact_anonymous_interactions(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
