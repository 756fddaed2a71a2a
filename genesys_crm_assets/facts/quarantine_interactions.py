"""One row per interaction and reason for which a person must look: why its customer or its case could not be placed, or only against what was told.

Built daily from `interaction_links`, whose reasons it lists; a row leaves when its day is rebuilt and the reason is gone (§6.5).
The interaction itself is never absent from its fact: nothing is taken away here.
Do not count rows as interactions: one interaction may have several reasons.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.facts import interaction_links
from genesys_crm_assets.lake.body import Body, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table

TABLE = Table(
    name="quarantine_interactions",
    layer="facts",
    description=__doc__,
    key=("interaction_id", "reason"),
    columns=(
        Column("interaction_id", "varchar", "The conversation.", required=True),
        Column(
            "reason",
            "varchar",
            "`no_case_in_window`, `customer_without_case`, `unknown_crm_id`, `relationship_mismatch` or `ambiguous_identity`.",
            required=True,
            comes_from=("interaction_links.reasons",),
        ),
        Column(
            "told_id",
            "varchar",
            "The told id that no CRM table knows, or the told Case that is contradicted; else null.",
            comes_from=("interaction_links.reasons",),
        ),
        Column("nearest_case_id", "varchar", "Of `no_case_in_window`: the customer's live Case created nearest; else null."),
        Column("nearest_case_offset_ms", "bigint", "Its CreatedDate minus the interaction's start."),
        Column("detail", "varchar", "Which kinds of id or which methods, without values.", comes_from=("interaction_links.reasons",)),
    ),
)
BODY = Body(
    reads=(Read(interaction_links.TABLE),),
    sql=sql_beside(__file__),
    proofs=(
        Proof(
            "every_reason_is_set_aside",
            sql_beside(__file__, "every_reason_is_set_aside"),
            "One row for each reason of each link; if not, rebuild interaction_links for the day.",
        ),
    ),
    follows=(interaction_links.TABLE,),
    looks_back=True,
)


@graph.asset(TABLE, BODY)
def quarantine_interactions(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
