"""One row per field change that Salesforce recorded, of Cases, Accounts, Contacts and Opportunities together.

Built daily from `raw_salesforce_field_history` for the UTC day of CreatedDate; the first partition is the baseline, all history as first read.
Fields the org does not track leave no row; lookups leave two, names and ids, of which the id row counts (§6.4).
Do not expect order within one second: Salesforce promises none.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Read
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.raw import salesforce
from genesys_crm_assets.staging import salesforce_records

TABLE = Table(
    name="staging_salesforce_field_history",
    layer="staging",
    description=__doc__,
    key=("object", "history_id"),
    columns=(
        Column("history_id", "varchar", "The history row, 18 characters.", required=True),
        Column("object", "varchar", "`Case`, `Account`, `Contact` or `Opportunity`.", required=True),
        Column("record_id", "varchar", "The record that changed, 18 characters.", required=True),
        Column(
            "field", "varchar", "The field as history names it, such as `Status` or `Owner`; or an event such as `created`.", required=True
        ),
        Column("old_value", "varchar", "The value before, as text; null where there was none.", personal=True),
        Column("new_value", "varchar", "The value after, as text; null where there is none.", personal=True),
        Column("created_at", "timestamp", "When it changed: CreatedDate, UTC, to the second.", required=True),
        Column("is_deleted", "boolean", "Whether the history row itself was deleted.", required=True),
        Column("received_at", "timestamp", "When this row was first read, UTC.", required=True, provenance=True),
        Column("record_sha256", "varchar", "SHA-256 of the row's bytes as told.", required=True),
    ),
)
BODY = Body(
    reads=(Read(salesforce.FIELD_HISTORY),),
    python=salesforce_records.body(salesforce.FIELD_HISTORY, TABLE, salesforce_records.change),
    proofs=(salesforce_records.every_telling_is_staged(salesforce.FIELD_HISTORY),),
    follows=(salesforce.FIELD_HISTORY,),
    carries=("reads",),
)


@graph.asset(TABLE, BODY)
def staging_salesforce_field_history(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
