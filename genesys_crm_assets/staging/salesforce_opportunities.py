"""One row per change seen of an Opportunity: the record as it was told, typed, with ids of 18 characters.

Built daily from `raw_salesforce_opportunities` for the UTC day of SystemModstamp; the first partition is the baseline, every Opportunity as first read.
States between two readings are absent: Salesforce tells the present only.
Do not read one row per Opportunity here; `dim_salesforce_opportunity` has the versions and says which is current.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Read
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.raw import salesforce
from genesys_crm_assets.staging import salesforce_records

TABLE = Table(
    name="staging_salesforce_opportunities",
    layer="staging",
    description=__doc__,
    key=("opportunity_id", "system_modstamp"),
    columns=(
        Column("opportunity_id", "varchar", "The Opportunity, 18 characters.", required=True),
        Column("account_id", "varchar", "Its Account, 18 characters."),
        Column("owner_id", "varchar", "User who owns it, 18 characters."),
        Column("stage_name", "varchar", "Stage as told."),
        Column("amount", "double", "Amount in the currency it is kept in: the org's, or the Opportunity's own where the org has several."),
        Column("close_date", "date", "Day it was closed or is expected to, as told; of no time zone."),
        Column("created_at", "timestamp", "CreatedDate, UTC.", required=True),
        Column("is_deleted", "boolean", "In the recycle bin at this telling.", required=True),
        Column("system_modstamp", "timestamp", "SystemModstamp of this telling, UTC.", required=True),
        Column("received_at", "timestamp", "When this telling was first read, UTC.", required=True, provenance=True),
        Column("record_sha256", "varchar", "SHA-256 of the record's bytes as told.", required=True),
    ),
)
BODY = Body(
    reads=(Read(salesforce.OPPORTUNITIES),),
    python=salesforce_records.body(salesforce.OPPORTUNITIES, TABLE, salesforce_records.opportunity),
    proofs=(salesforce_records.every_telling_is_staged(salesforce.OPPORTUNITIES),),
    follows=(salesforce.OPPORTUNITIES,),
)


@graph.asset(TABLE, BODY)
def staging_salesforce_opportunities(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
