"""One row per change seen of a User: the record as it was told, typed, with ids of 18 characters.

Built daily from `raw_salesforce_users` for the UTC day of SystemModstamp; the first partition is the baseline, every User as first read.
States between two readings are absent: Salesforce tells the present only.

Users cannot be deleted in Salesforce; who left has `is_active` false.
Do not read one row per User here; `dim_salesforce_user` has the versions and says which is current.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Read
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.raw import salesforce
from genesys_crm_assets.staging import salesforce_records

TABLE = Table(
    name="staging_salesforce_users",
    layer="staging",
    description=__doc__,
    key=("user_id", "system_modstamp"),
    columns=(
        Column("user_id", "varchar", "The User, 18 characters.", required=True),
        Column("name", "varchar", "Name as told.", personal=True),
        Column("is_active", "boolean", "Whether the User may log in."),
        Column("created_at", "timestamp", "CreatedDate, UTC.", required=True),
        Column("system_modstamp", "timestamp", "SystemModstamp of this telling, UTC.", required=True),
        Column("received_at", "timestamp", "When this telling was first read, UTC.", required=True, provenance=True),
        Column("record_sha256", "varchar", "SHA-256 of the record's bytes as told.", required=True),
    ),
)
BODY = Body(
    reads=(Read(salesforce.USERS),),
    python=salesforce_records.body(salesforce.USERS, TABLE, salesforce_records.user),
    proofs=(salesforce_records.every_telling_is_staged(salesforce.USERS),),
    follows=(salesforce.USERS,),
)


@graph.asset(TABLE, BODY)
def staging_salesforce_users(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
