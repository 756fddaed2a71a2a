"""One row per participant session: who took part in which conversation, for which queue, team and skills, and how long.

Built daily from `staging_genesys_sessions`, for the UTC day the conversation began, with the versions of queue and agent that were valid
when it began, whenever in it the session took place. The entries of its metrics are absent: `staging_genesys_sessions` keeps them.
Sessions of queues and users that `raw_genesys_reference` never listed have no version.
Do not add times over a conversation's sessions to rate one queue or one agent without choosing the sessions of that queue or agent first.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import genesys_agent, genesys_queue
from genesys_crm_assets.lake.body import Body, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.staging import genesys_metrics, genesys_sessions

TABLE = Table(
    name="fact_sessions",
    layer="facts",
    description=__doc__,
    key=("conversation_id", "position"),
    columns=(
        Column(
            "interaction_key",
            "varchar",
            "SHA-256 hex of `genesys|conversation_id`; joins the interaction facts.",
            required=True,
            comes_from=("staging_genesys_sessions.conversation_id",),
        ),
        *(Column(one.name, one.type, one.description, one.required) for one in genesys_sessions.COLUMNS),
        Column(
            "queue_version_key",
            "varchar",
            "The queue as it was when the conversation began; null without a queue, or for one never listed.",
            comes_from=("dim_genesys_queue.version_key",),
        ),
        Column(
            "agent_version_key",
            "varchar",
            "The user as they were when the conversation began; null for participants that are none, or were never listed.",
            comes_from=("dim_genesys_agent.version_key",),
        ),
    ),
)
BODY = Body(
    reads=(Read(genesys_sessions.TABLE), Read(genesys_metrics.TABLE), Read(genesys_queue.TABLE), Read(genesys_agent.TABLE)),
    steps=tuple((name, sql_beside(__file__, name)) for name in ("begun", "queue_versions", "agent_versions")),
    sql=sql_beside(__file__),
    proofs=(
        Proof(
            "rows_are_the_sessions_staged",
            sql_beside(__file__, "rows_are_the_sessions_staged"),
            "Every session staged for the day has its row, and no other; if not, build staging_genesys_sessions again first.",
        ),
        Proof(
            "known_queues_and_agents_have_their_version",
            sql_beside(__file__, "known_queues_and_agents_have_their_version"),
            "A queue or user the dimension knows has the key of a version (P5); those never listed are counted.",
        ),
    ),
    follows=(genesys_sessions.TABLE, genesys_metrics.TABLE),
    looks_back=True,
)


@graph.asset(TABLE, BODY)
def fact_sessions(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
