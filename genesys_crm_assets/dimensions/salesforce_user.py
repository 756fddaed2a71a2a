"""One row per version of a User: the name, and whether the person could log in, from when to when.

Built from all of `staging_salesforce_users`, whenever it gains.
Salesforce keeps no field history of Users, so changes between two readings are absent and those seen are dated by SystemModstamp. No User
is ever deleted or merged.
Do not join on `user_id` alone: that multiplies rows by versions. Owners may also be queues, which are absent here.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import history
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.staging import salesforce_users

TABLE = Table(
    name="dim_salesforce_user",
    layer="dimensions",
    description=__doc__,
    key=("version_key",),
    daily=False,
    columns=(
        history.version_key("User"),
        Column("user_id", "varchar", "The User, 18 characters.", required=True),
        Column("name", "varchar", "Name in this version, as told.", personal=True),
        Column("is_active", "boolean", "Whether the User may log in, in this version."),
        *history.SPAN_COLUMNS,
    ),
)
BODY = history.body(__file__, salesforce_users.TABLE, "user_id", has_field_history=False)


@graph.asset(TABLE, BODY)
def dim_salesforce_user(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
