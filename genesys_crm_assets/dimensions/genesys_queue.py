"""One row per version of a queue: its name, its division and whether it was there, from when to when, and how we know.

Built from all of `staging_genesys_reference`, whenever a listing differs from the one before.
Genesys tells the present only, so changes between two listings are absent and those seen are dated by the listing that first told them. A
queue that is deleted vanishes from the listing: it is inactive from then on and keeps its name.
Do not join on `queue_id` alone: that multiplies rows by versions. Join on `version_key`, on `is_current`, or on `valid_from`/`valid_to`.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import listed
from genesys_crm_assets.lake.table import Column, Table

_STATES = ("staging_genesys_reference.states",)

TABLE = Table(
    name="dim_genesys_queue",
    layer="dimensions",
    description=__doc__,
    key=("version_key",),
    daily=False,
    columns=(
        listed.version_key("Queue"),
        Column("queue_id", "varchar", "The queue.", required=True, comes_from=("staging_genesys_reference.thing_id",)),
        Column("name", "varchar", "Name in this version.", comes_from=_STATES),
        Column("division", "varchar", "Name of its division in this version.", comes_from=_STATES),
        Column("is_active", "boolean", "Whether the queue was listed in this version.", required=True, comes_from=_STATES),
        *listed.SPAN_COLUMNS,
    ),
)
BODY = listed.versions(__file__, "queue_id")


@graph.asset(TABLE, BODY)
def dim_genesys_queue(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
