"""One row per interaction, of customers and of nobody, with the few columns that a report shows and names in the place of ids.

A view over `unified_interactions`, `fact_sessions` and what listings of Genesys tell; with `NULL_CRM_POLICY=block` biased days are absent.
Attributes, addresses and participants are absent, and so is the CRM: `unified_interactions` has it. Every time is UTC and says so by its
type or as text; zones are the report's affair.
Do not count by names: two queues, skills or agents may share one. `updated_date` is when the row was built, not when something changed.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import genesys_agent, genesys_location, genesys_skill, genesys_team
from genesys_crm_assets.facts import sessions
from genesys_crm_assets.lake.body import Body, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.marts import unified_interactions

_BEGAN = ("unified_interactions.interaction_timestamp_utc",)
_WAITED = ("unified_interactions.queue_time_ms",)
_TALKED = ("unified_interactions.talk_time_ms",)

TABLE = Table(
    name="interaction_details",
    layer="marts",
    description=__doc__,
    key=("id",),
    columns=(
        Column("id", "varchar", "The interaction.", required=True, comes_from=("unified_interactions.interaction_id",)),
        Column("created_date", "timestamp", "When it began, UTC.", required=True, comes_from=_BEGAN),
        Column(
            "updated_date",
            "timestamp",
            "When its row was built, UTC.",
            required=True,
            provenance=True,
            comes_from=("unified_interactions.etl_loaded_at",),
        ),
        Column("channel", "varchar", "Medium in upper case, such as `VOICE`.", comes_from=("unified_interactions.media_type",)),
        Column("queue_name", "varchar", "Name of the first queue then; null where no listing knows it."),
        Column(
            "skill_name",
            "varchar",
            "Name of the first skill that a session in that queue asked for.",
            comes_from=("fact_sessions.skill_ids", "dim_genesys_skill.name"),
        ),
        Column("wait_time", "double", "Time in queues, seconds.", comes_from=_WAITED),
        Column("talk_time", "double", "Talk time, seconds.", comes_from=_TALKED),
        Column("wrap_up_time", "double", "After-call work, seconds.", comes_from=("unified_interactions.wrap_up_time_ms",)),
        Column(
            "disposition_code",
            "varchar",
            "Name of the wrap-up code, else the code, else `Unanswered/Abandoned`.",
            required=True,
            comes_from=("unified_interactions.disposition_label",),
        ),
        Column("agent_name", "varchar", "Name then of the agent who handled it longest.", personal=True),
        Column(
            "team_name",
            "varchar",
            "Name of the team the agent's session says, else of the team the agent is listed in now.",
            comes_from=("fact_sessions.team_id", "dim_genesys_agent.team_id", "dim_genesys_team.name"),
        ),
        Column(
            "location_name",
            "varchar",
            "Name of the location the agent is listed at now.",
            comes_from=("dim_genesys_agent.location_id", "dim_genesys_location.name"),
        ),
        Column("created_date_utc", "varchar", "`created_date` as text, `yyyy-MM-dd HH:mm:ss`, UTC.", required=True, comes_from=_BEGAN),
        Column("wait_time_sec", "double", "`wait_time`, to be added up.", comes_from=_WAITED),
        Column("talk_time_sec", "double", "`talk_time`, to be added up.", comes_from=_TALKED),
    ),
    daily=False,
    stored=False,
)
BODY = Body(
    reads=(
        Read(unified_interactions.TABLE),
        Read(sessions.TABLE, "all"),
        Read(genesys_agent.TABLE),
        Read(genesys_skill.TABLE),
        Read(genesys_team.TABLE),
        Read(genesys_location.TABLE),
    ),
    sql=sql_beside(__file__),
)


@graph.asset(TABLE, BODY)
def interaction_details(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.view(context, lake, TABLE, BODY)
