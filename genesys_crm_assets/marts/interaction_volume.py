"""One row per day of the reporting zone and channel: how many interactions began, and the seconds spent on them, added up.

A view over `unified_interactions` with the fiscal periods of `dim_date`, small enough for tools that group few rows (S4-25); with
`NULL_CRM_POLICY=block` biased days are absent. Days and channels without an interaction are absent; interactions without a medium are in
the row without a channel. Fiscal periods are null until `dim_date` is materialised.
Do not compare one day with a day of UTC or of another zone: their totals agree only over all days. Where clocks change a day has 23 or 25
hours (`dim_date.hours`), and no interaction stands in two days or in none.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import date
from genesys_crm_assets.lake.body import Body, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.marts import unified_interactions

TABLE = Table(
    name="interaction_volume",
    layer="marts",
    description=__doc__,
    key=("created_date", "channel"),
    columns=(
        Column(
            "created_date",
            "date",
            "The day the interactions began, on the clock of `REPORTING_TIMEZONE`.",
            required=True,
            comes_from=("unified_interactions.interaction_timestamp_local",),
        ),
        Column("fiscal_year", "bigint", "Fiscal year of that day, named for the year it ends in."),
        Column("fiscal_quarter", "bigint", "Quarter of the fiscal year, 1 to 4."),
        Column("fiscal_month", "bigint", "Month of the fiscal year, 1 to 12."),
        Column("channel", "varchar", "Medium in upper case, such as `VOICE`.", comes_from=("unified_interactions.media_type",)),
        Column("interactions", "bigint", "Interactions begun.", required=True, comes_from=("unified_interactions.interaction_id",)),
        Column("abandoned", "bigint", "Of these, abandoned ones.", required=True),
        Column("handle_time_sec", "double", "Handle time, seconds.", required=True, comes_from=("unified_interactions.handle_time_ms",)),
        Column("talk_time_sec", "double", "Talk time, seconds.", required=True, comes_from=("unified_interactions.talk_time_ms",)),
        Column("wait_time_sec", "double", "Time in queues, seconds.", required=True, comes_from=("unified_interactions.queue_time_ms",)),
        Column(
            "wrap_up_time_sec",
            "double",
            "After-call work, seconds.",
            required=True,
            comes_from=("unified_interactions.wrap_up_time_ms",),
        ),
    ),
    daily=False,
    stored=False,
)
BODY = Body(reads=(Read(unified_interactions.TABLE), Read(date.TABLE)), sql=sql_beside(__file__))


@graph.asset(TABLE, BODY)
def interaction_volume(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.view(context, lake, TABLE, BODY)
