"""One row per version of an Opportunity: its stage, amount and expected day, whose it was, from when to when, and how we know.

Built from all of `staging_salesforce_opportunities` and the Opportunity rows of `staging_salesforce_field_history`, whenever either gains.
States that neither field history nor a reading saw are absent. Salesforce merges no Opportunities.
Do not join on `opportunity_id` alone: that multiplies rows by versions. Join on `version_key`, on `is_current`, or on `valid_from`/`valid_to`. Do not add amounts of several currencies up.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import history
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.staging import salesforce_opportunities

_CHANGES = "staging_salesforce_field_history.new_value"

TABLE = Table(
    name="dim_salesforce_opportunity",
    layer="dimensions",
    description=__doc__,
    key=("version_key",),
    daily=False,
    columns=(
        history.version_key("Opportunity"),
        Column("opportunity_id", "varchar", "The Opportunity, 18 characters.", required=True),
        Column("stage_name", "varchar", "Stage in this version.", comes_from=("staging_salesforce_opportunities.stage_name", _CHANGES)),
        Column(
            "amount",
            "double",
            "Amount in this version, in the currency it is kept in: the org's, or the Opportunity's own where the org has several.",
            comes_from=("staging_salesforce_opportunities.amount", _CHANGES),
        ),
        Column(
            "close_date",
            "date",
            "Day it was closed or expected to, in this version; of no time zone.",
            comes_from=("staging_salesforce_opportunities.close_date", _CHANGES),
        ),
        Column(
            "owner_id",
            "varchar",
            "User who owned it in this version, 18 characters.",
            comes_from=("staging_salesforce_opportunities.owner_id", _CHANGES),
        ),
        Column(
            "account_id",
            "varchar",
            "Its Account in this version, 18 characters.",
            comes_from=("staging_salesforce_opportunities.account_id", _CHANGES),
        ),
        *history.SPAN_COLUMNS,
    ),
)
BODY = history.body(__file__, salesforce_opportunities.TABLE, "opportunity_id")


@graph.asset(TABLE, BODY)
def dim_salesforce_opportunity(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
