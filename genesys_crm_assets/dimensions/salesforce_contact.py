"""One row per version of a Contact: whose customer it was and how to reach it, from when to when, and how we know.

Built from all of `staging_salesforce_contacts` and the Contact rows of `staging_salesforce_field_history`, whenever either gains.
States that neither field history nor a reading saw are absent; `phones` and `emails` are the latest in every version.
Do not join on `contact_id` alone: that multiplies rows by versions. Join on `version_key`, on `is_current`, or on `valid_from`/`valid_to`.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import history
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.staging import salesforce_contacts

_CHANGES = "staging_salesforce_field_history.new_value"

TABLE = Table(
    name="dim_salesforce_contact",
    layer="dimensions",
    description=__doc__,
    key=("version_key",),
    daily=False,
    columns=(
        history.version_key("Contact"),
        Column("contact_id", "varchar", "The Contact, 18 characters.", required=True),
        Column(
            "account_id",
            "varchar",
            "Its Account in this version, 18 characters.",
            comes_from=("staging_salesforce_contacts.account_id", _CHANGES),
        ),
        Column(
            "owner_id",
            "varchar",
            "User who owned it in this version, 18 characters.",
            comes_from=("staging_salesforce_contacts.owner_id", _CHANGES),
        ),
        Column(
            "email", "varchar", "Email in this version, as told.", personal=True, comes_from=("staging_salesforce_contacts.email", _CHANGES)
        ),
        Column(
            "phone", "varchar", "Phone in this version, as told.", personal=True, comes_from=("staging_salesforce_contacts.phone", _CHANGES)
        ),
        Column(
            "phones",
            "struct(field varchar, told varchar, normalised varchar)[]",
            "Every phone field of the mapping that has a value, in its order, as last told; normalised to E.164 or null.",
            personal=True,
        ),
        Column(
            "emails",
            "struct(field varchar, told varchar, normalised varchar)[]",
            "Every e-mail field of the mapping that has a value, in its order, as last told; trimmed and lower-cased.",
            personal=True,
        ),
        *history.SPAN_COLUMNS,
    ),
)
BODY = history.body(__file__, salesforce_contacts.TABLE, "contact_id")


@graph.asset(TABLE, BODY)
def dim_salesforce_contact(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
