"""One row per version of a Case: what it was, from when to when, and how we know.

Built from all of `staging_salesforce_cases` and the Case rows of `staging_salesforce_field_history`, whenever either gains.
States that neither field history nor a reading saw are absent; untracked columns hold the latest value in every version.
Do not join on `case_id` alone: that multiplies rows by versions. Join on `version_key`, on `is_current`, or on `valid_from`/`valid_to`.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import history
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.staging import salesforce_cases

_CHANGES = "staging_salesforce_field_history.new_value"

TABLE = Table(
    name="dim_salesforce_case",
    layer="dimensions",
    description=__doc__,
    key=("version_key",),
    daily=False,
    columns=(
        history.version_key("Case"),
        Column("case_id", "varchar", "The Case, 18 characters.", required=True),
        Column("status", "varchar", "Status in this version.", comes_from=("staging_salesforce_cases.status", _CHANGES)),
        Column("priority", "varchar", "Priority in this version.", comes_from=("staging_salesforce_cases.priority", _CHANGES)),
        Column(
            "type",
            "varchar",
            "The case category in this version: the field the mapping names.",
            comes_from=("staging_salesforce_cases.type", _CHANGES),
        ),
        Column(
            "owner_id",
            "varchar",
            "User or queue that owned it in this version, 18 characters.",
            comes_from=("staging_salesforce_cases.owner_id", _CHANGES),
        ),
        Column(
            "contact_id",
            "varchar",
            "Its Contact in this version, 18 characters.",
            comes_from=("staging_salesforce_cases.contact_id", _CHANGES),
        ),
        Column(
            "account_id",
            "varchar",
            "Its Account in this version, 18 characters.",
            comes_from=("staging_salesforce_cases.account_id", _CHANGES),
        ),
        Column("case_number", "varchar", "The number people quote, as last told."),
        Column("origin", "varchar", "Channel it came from, as last told."),
        Column("closed_at", "timestamp", "ClosedDate, UTC, as last told; null while open."),
        Column("is_escalated", "boolean", "Whether it is escalated, as last told: the Case field the mapping names, else `IsEscalated`."),
        *history.SPAN_COLUMNS,
    ),
)
BODY = history.body(__file__, salesforce_cases.TABLE, "case_id")


@graph.asset(TABLE, BODY)
def dim_salesforce_case(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
