"""One row per version of an Account: who owned it, its tier and industry, from when to when, and how we know.

Built from all of `staging_salesforce_accounts` and the Account rows of `staging_salesforce_field_history`, whenever either gains.
States that neither field history nor a reading saw are absent; revenue and lifetime value are the latest in every version.
Do not join on `account_id` alone: that multiplies rows by versions. Join on `version_key`, on `is_current`, or on `valid_from`/`valid_to`.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import history
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.staging import salesforce_accounts

_CHANGES = "staging_salesforce_field_history.new_value"

TABLE = Table(
    name="dim_salesforce_account",
    layer="dimensions",
    description=__doc__,
    key=("version_key",),
    daily=False,
    columns=(
        history.version_key("Account"),
        Column("account_id", "varchar", "The Account, 18 characters.", required=True),
        Column(
            "name",
            "varchar",
            "Account name in this version; of a person account the person's.",
            personal=True,
            comes_from=("staging_salesforce_accounts.name", _CHANGES),
        ),
        Column(
            "owner_id",
            "varchar",
            "User who owned it in this version, 18 characters.",
            comes_from=("staging_salesforce_accounts.owner_id", _CHANGES),
        ),
        Column(
            "customer_tier",
            "varchar",
            "The customer's tier in this version: the field the mapping names.",
            comes_from=("staging_salesforce_accounts.customer_tier", _CHANGES),
        ),
        Column("industry", "varchar", "Industry in this version.", comes_from=("staging_salesforce_accounts.industry", _CHANGES)),
        Column("annual_revenue", "double", "AnnualRevenue in the org's currency, as last told."),
        Column("ltv_usd", "double", "Lifetime value in USD, as last told: the field the mapping names."),
        *history.SPAN_COLUMNS,
    ),
)
BODY = history.body(__file__, salesforce_accounts.TABLE, "account_id")


@graph.asset(TABLE, BODY)
def dim_salesforce_account(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
