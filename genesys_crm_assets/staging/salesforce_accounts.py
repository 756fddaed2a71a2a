"""One row per change seen of an Account: the record as it was told, typed, with ids of 18 characters.

Built daily from `raw_salesforce_accounts` for the UTC day of SystemModstamp; the first partition is the baseline, every Account as first read.
States between two readings are absent: Salesforce tells the present only.
Do not read one row per Account here; `dim_salesforce_account` has the versions and says which is current.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Read
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.raw import salesforce
from genesys_crm_assets.staging import salesforce_records

TABLE = Table(
    name="staging_salesforce_accounts",
    layer="staging",
    description=__doc__,
    key=("account_id", "system_modstamp"),
    columns=(
        Column("account_id", "varchar", "The Account, 18 characters.", required=True),
        Column("name", "varchar", "Account name; of a person account the person's.", personal=True),
        Column("owner_id", "varchar", "User who owns it, 18 characters."),
        Column("industry", "varchar", "Industry as told."),
        Column("customer_tier", "varchar", "The field the mapping names for the tier."),
        Column("annual_revenue", "double", "AnnualRevenue in the org's currency."),
        Column("ltv_usd", "double", "Lifetime value in USD: the field the mapping names."),
        Column("created_at", "timestamp", "CreatedDate, UTC.", required=True),
        Column("is_deleted", "boolean", "In the recycle bin at this telling.", required=True),
        Column("master_record_id", "varchar", "The record a merge left this one to, 18 characters."),
        Column("system_modstamp", "timestamp", "SystemModstamp of this telling, UTC.", required=True),
        Column("received_at", "timestamp", "When this telling was first read, UTC.", required=True, provenance=True),
        Column("record_sha256", "varchar", "SHA-256 of the record's bytes as told.", required=True),
    ),
)
BODY = Body(
    reads=(Read(salesforce.ACCOUNTS),),
    python=salesforce_records.body(salesforce.ACCOUNTS, TABLE, salesforce_records.account),
    proofs=(salesforce_records.every_telling_is_staged(salesforce.ACCOUNTS),),
    follows=(salesforce.ACCOUNTS,),
)


@graph.asset(TABLE, BODY)
def staging_salesforce_accounts(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
