"""One row per agent and day on which the agent did something: answered, handled, and the rates a supervisor reads.

Built daily from `fact_queue_activity` of the same day, over all queues, media and hours, and again with the days of `LOOKBACK_DAYS`,
since listings may come to know a name later. What no agent had part in, such as customers who gave up in a queue, is absent.
Nothing of it comes from the CRM, so `NULL_CRM_POLICY=block` holds none of it back.
Do not add `offered` over agents to compare with `queue_performance`: an interaction is offered to agent after agent and once to a queue.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import genesys_agent
from genesys_crm_assets.facts import queue_activity
from genesys_crm_assets.lake.body import Body, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.marts import performance_columns

TABLE = Table(
    name="agent_performance",
    layer="marts",
    description=__doc__,
    key=("agent_id",),
    columns=(
        Column("agent_id", "varchar", "The agent, a user of Genesys.", required=True),
        Column(
            "agent_name",
            "varchar",
            "The agent's name when the day began, as listings tell; null where none knows the agent.",
            personal=True,
            comes_from=("dim_genesys_agent.name",),
        ),
        *performance_columns.COLUMNS,
    ),
)
BODY = Body(
    reads=(Read(queue_activity.TABLE), Read(genesys_agent.TABLE)),
    steps=(("measured", performance_columns.SQL),),
    sql=sql_beside(__file__),
    proofs=(
        Proof(
            "every_count_of_an_agent_is_in_one_row",
            sql_beside(__file__, "every_count_of_an_agent_is_in_one_row"),
            "The counts of all rows are those of the day's activity of agents. A failure is a fault of this mart: report its figures.",
        ),
    ),
    follows=(queue_activity.TABLE,),
    looks_back=True,
)


@graph.asset(TABLE, BODY)
def agent_performance(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
