"""One row per change seen of a Contact: the record as it was told, typed, with ids of 18 characters.

Built daily from `raw_salesforce_contacts` for the UTC day of SystemModstamp; the first partition is the baseline, every Contact as first read.
States between two readings are absent: Salesforce tells the present only.
Do not read one row per Contact here; `dim_salesforce_contact` has the versions and says which is current.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Read
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.raw import salesforce
from genesys_crm_assets.staging import salesforce_records

TABLE = Table(
    name="staging_salesforce_contacts",
    layer="staging",
    description=__doc__,
    key=("contact_id", "system_modstamp"),
    columns=(
        Column("contact_id", "varchar", "The Contact, 18 characters.", required=True),
        Column("account_id", "varchar", "The Contact's Account, 18 characters."),
        Column("owner_id", "varchar", "User who owns it, 18 characters."),
        Column("email", "varchar", "Email as told.", personal=True),
        Column("phone", "varchar", "Phone as told.", personal=True),
        Column(
            "phones",
            "struct(field varchar, told varchar, normalised varchar)[]",
            "Every phone field of the mapping that has a value, in its order; normalised to E.164 or null.",
            personal=True,
        ),
        Column(
            "emails",
            "struct(field varchar, told varchar, normalised varchar)[]",
            "Every e-mail field of the mapping that has a value, in its order; trimmed and lower-cased.",
            personal=True,
        ),
        Column("created_at", "timestamp", "CreatedDate, UTC.", required=True),
        Column("is_deleted", "boolean", "In the recycle bin at this telling.", required=True),
        Column("master_record_id", "varchar", "The record a merge left this one to, 18 characters."),
        Column("system_modstamp", "timestamp", "SystemModstamp of this telling, UTC.", required=True),
        Column("received_at", "timestamp", "When this telling was first read, UTC.", required=True, provenance=True),
        Column("record_sha256", "varchar", "SHA-256 of the record's bytes as told.", required=True),
    ),
)
BODY = Body(
    reads=(Read(salesforce.CONTACTS),),
    python=salesforce_records.body(salesforce.CONTACTS, TABLE, salesforce_records.contact),
    proofs=(salesforce_records.every_telling_is_staged(salesforce.CONTACTS),),
    follows=(salesforce.CONTACTS,),
)


@graph.asset(TABLE, BODY)
def staging_salesforce_contacts(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
