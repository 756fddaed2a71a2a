"""One row per queue and quarter hour in which something happened in it: offered, answered, abandoned, and the rates a supervisor reads.

Built daily from `fact_queue_activity` of the same day, over all its agents and media, and again with the days of `LOOKBACK_DAYS`, since
listings may come to know a name later. What no queue had part in is absent, and so are quarter hours in which nothing was offered,
answered, abandoned, handled or over its service level.
Nothing of it comes from the CRM, so `NULL_CRM_POLICY=block` holds none of it back.
Do not average the rates over rows: add up counts, and weigh times by what they are averages of. A metric counts where it was emitted:
what is offered at the end of one quarter may be answered in the next, so that in a row a rate may exceed 1 or a level fall below 0.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import genesys_queue
from genesys_crm_assets.facts import queue_activity
from genesys_crm_assets.lake.body import Body, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.marts import performance_columns

TABLE = Table(
    name="queue_performance",
    layer="marts",
    description=__doc__,
    key=("queue_id", "interval_start_utc"),
    columns=(
        Column("queue_id", "varchar", "The queue.", required=True),
        Column(
            "queue_name",
            "varchar",
            "Its name when the quarter hour began, as listings tell; null where none knows the queue.",
            comes_from=("dim_genesys_queue.name",),
        ),
        Column("interval_start_utc", "timestamp", "Start of the quarter hour, UTC.", required=True),
        *performance_columns.COLUMNS,
    ),
)
BODY = Body(
    reads=(Read(queue_activity.TABLE), Read(genesys_queue.TABLE)),
    steps=(("measured", performance_columns.SQL),),
    sql=sql_beside(__file__),
    proofs=(
        Proof(
            "every_count_of_a_queue_is_in_one_quarter_hour",
            sql_beside(__file__, "every_count_of_a_queue_is_in_one_quarter_hour"),
            "The counts of all rows are those of the day's activity of queues. A failure is a fault of this mart: report its figures.",
        ),
    ),
    follows=(queue_activity.TABLE,),
    looks_back=True,
)


@graph.asset(TABLE, BODY)
def queue_performance(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
