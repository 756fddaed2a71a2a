"""One row per skill that was ever listed: its latest name.

Built from all of `staging_genesys_reference`, whenever a listing differs from the one before.
Skills of users and of conversations are absent. Earlier names are absent; a skill that vanished keeps its last.
Do not join on `name`: two of one name are two.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import listed
from genesys_crm_assets.lake.table import Column, Table

TABLE = Table(
    name="dim_genesys_skill",
    layer="dimensions",
    description=__doc__,
    key=("skill_id",),
    daily=False,
    columns=(
        Column("skill_id", "varchar", "The skill.", required=True, comes_from=("staging_genesys_reference.thing_id",)),
        Column("name", "varchar", "Name it was last listed under."),
    ),
)
BODY = listed.names(__file__)


@graph.asset(TABLE, BODY)
def dim_genesys_skill(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
