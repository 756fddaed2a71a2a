"""One row per version of a Genesys user: name, division and whether the account was active, from when to when, and how we know.

Built from all of `staging_genesys_reference`, whenever a listing differs from the one before.
Genesys tells the present only, so changes between two listings are absent and those seen are dated by the listing that first told them.
`email`, `team_id` and `location_id` are the latest in every version. Users of divisions that the OAuth client may not see are absent.
Do not join on `agent_id` alone: that multiplies rows by versions. Join on `version_key`, on `is_current`, or on `valid_from`/`valid_to`.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import listed
from genesys_crm_assets.lake.table import Column, Table

_STATES = ("staging_genesys_reference.states",)

TABLE = Table(
    name="dim_genesys_agent",
    layer="dimensions",
    description=__doc__,
    key=("version_key",),
    daily=False,
    columns=(
        listed.version_key("Agent"),
        Column("agent_id", "varchar", "The user.", required=True, comes_from=("staging_genesys_reference.thing_id",)),
        Column("name", "varchar", "The person's name in this version.", personal=True, comes_from=_STATES),
        Column("division", "varchar", "Name of the user's division in this version.", comes_from=_STATES),
        Column(
            "is_active",
            "boolean",
            "Whether the user was listed in this version, and not as inactive or deleted.",
            required=True,
            comes_from=_STATES,
        ),
        Column("email", "varchar", "The user's address, as last told.", personal=True),
        Column("team_id", "varchar", "The user's team, as last told; null where none was."),
        Column("location_id", "varchar", "The user's first location, as last told; null where none was."),
        *listed.SPAN_COLUMNS,
    ),
)
BODY = listed.versions(__file__, "agent_id")


@graph.asset(TABLE, BODY)
def dim_genesys_agent(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
