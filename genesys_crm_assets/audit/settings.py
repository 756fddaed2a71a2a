"""One row: the settings that bodies and views read, as this configuration has them.

The one table stored in the warehouse file itself, written anew whenever a setting or a contract changes. No secret is in it.
Do not change it by hand: change the variable or the mapping and materialise it.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.settings import SETTINGS

TABLE = Table(
    name=SETTINGS.name, layer=SETTINGS.layer, description=__doc__, key=SETTINGS.key, columns=SETTINGS.columns, daily=False, stored=False
)
BODY = Body(reads=())


@graph.asset(TABLE, BODY, kinds={"duckdb"})
def settings(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.view(context, lake, TABLE, BODY)
