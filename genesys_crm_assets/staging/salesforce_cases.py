"""One row per change seen of a Case: the record as it was told, typed, with ids of 18 characters.

Built daily from `raw_salesforce_cases` for the UTC day of SystemModstamp; the first partition is the baseline, every Case as first read.
States between two readings are absent: Salesforce tells the present only.
Do not read one row per Case here; `dim_salesforce_case` has the versions and says which is current.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Read
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.raw import salesforce
from genesys_crm_assets.staging import salesforce_records

TABLE = Table(
    name="staging_salesforce_cases",
    layer="staging",
    description=__doc__,
    key=("case_id", "system_modstamp"),
    columns=(
        Column("case_id", "varchar", "The Case, 18 characters.", required=True),
        Column("case_number", "varchar", "The number people quote."),
        Column("account_id", "varchar", "The Case's Account, 18 characters."),
        Column("contact_id", "varchar", "The Case's Contact, 18 characters."),
        Column("owner_id", "varchar", "User or queue that owns it, 18 characters."),
        Column("status", "varchar", "Status as told."),
        Column("priority", "varchar", "Priority as told."),
        Column("type", "varchar", "The case category: the field the mapping names, `Type` by default."),
        Column("origin", "varchar", "Channel it came from."),
        Column("is_escalated", "boolean", "The Case field the mapping names for escalation, else `IsEscalated`."),
        Column("created_at", "timestamp", "CreatedDate, UTC.", required=True),
        Column("closed_at", "timestamp", "ClosedDate, UTC; null while open."),
        Column("is_deleted", "boolean", "In the recycle bin at this telling.", required=True),
        Column("master_record_id", "varchar", "The record a merge left this one to, 18 characters."),
        Column("system_modstamp", "timestamp", "SystemModstamp of this telling, UTC.", required=True),
        Column("received_at", "timestamp", "When this telling was first read, UTC.", required=True, provenance=True),
        Column("record_sha256", "varchar", "SHA-256 of the record's bytes as told.", required=True),
    ),
)
BODY = Body(
    reads=(Read(salesforce.CASES),),
    python=salesforce_records.body(salesforce.CASES, TABLE, salesforce_records.case),
    proofs=(salesforce_records.every_telling_is_staged(salesforce.CASES),),
    follows=(salesforce.CASES,),
)


@graph.asset(TABLE, BODY)
def staging_salesforce_cases(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
