"""One row per wrap-up code that was ever listed: its latest name.

Built from all of `staging_genesys_reference`, whenever a listing differs from the one before.
The system's own codes (`ININ-…`) are absent: Genesys lists none of them. Earlier names are absent; a wrap-up code that vanished keeps its last.
Do not join on `name`: two of one name are two.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import listed
from genesys_crm_assets.lake.table import Column, Table

TABLE = Table(
    name="dim_genesys_wrapup_code",
    layer="dimensions",
    description=__doc__,
    key=("wrapup_code_id",),
    daily=False,
    columns=(
        Column("wrapup_code_id", "varchar", "The wrap-up code.", required=True, comes_from=("staging_genesys_reference.thing_id",)),
        Column("name", "varchar", "Name it was last listed under."),
    ),
)
BODY = listed.names(__file__)


@graph.asset(TABLE, BODY)
def dim_genesys_wrapup_code(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
