"""One row per customer tier and month: how often its customers called, what became of their cases, how satisfied they were, what they bought.

A view over `unified_interactions` and the CRM dimensions, from `START_DATE` to the end of the last final day; months are those of
`REPORTING_TIMEZONE`, and the first and the last may be cut short by either end. With `NULL_CRM_POLICY=block` contacts of biased days are absent.
Everything counts for the tier its account had at that moment, `Unknown` where there is none; deleted records are absent, interactions of nobody too,
and a tier and month of which nothing happened has no row.
Do not add revenue or pipeline up over several currencies: amounts are as Salesforce tells them. Do not add pipeline up over months: it is a state.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.audit import data_status
from genesys_crm_assets.dimensions import date as calendar
from genesys_crm_assets.dimensions import salesforce_account, salesforce_case, salesforce_opportunity
from genesys_crm_assets.lake.body import Body, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.marts import unified_interactions

_STAGE = "dim_salesforce_opportunity.stage_name"
_AMOUNT = "dim_salesforce_opportunity.amount"

TABLE = Table(
    name="customer_outcomes",
    layer="marts",
    description=__doc__,
    key=("customer_tier", "month"),
    columns=(
        Column(
            "customer_tier",
            "varchar",
            "Tier then: at the interaction, the case's creation or closing, the win, or the month's end; `Unknown` where missing.",
            required=True,
            comes_from=("unified_interactions.customer_tier_at_interaction", "dim_salesforce_account.customer_tier"),
        ),
        Column(
            "month",
            "date",
            "First day of the month on the clock of `REPORTING_TIMEZONE`.",
            required=True,
            comes_from=(
                "unified_interactions.interaction_timestamp_utc",
                "dim_salesforce_case.created_at",
                "dim_salesforce_case.closed_at",
                "dim_salesforce_opportunity.valid_from",
            ),
        ),
        Column(
            "contacts",
            "bigint",
            "Interactions of customers that began in the month.",
            required=True,
            comes_from=("unified_interactions.interaction_id",),
        ),
        Column(
            "cases_created",
            "bigint",
            "Cases created in the month; null where the org has none to read.",
            comes_from=("dim_salesforce_case.created_at",),
        ),
        Column(
            "cases_closed",
            "bigint",
            "Cases closed in the month, by ClosedDate as told now: one that was reopened does not count until it closes again.",
            comes_from=("dim_salesforce_case.closed_at",),
        ),
        Column(
            "case_resolution_rate",
            "double",
            "Closed ÷ created, of whichever month the closed ones are from; null where none was created.",
            comes_from=("dim_salesforce_case.closed_at", "dim_salesforce_case.created_at"),
        ),
        Column(
            "median_hours_to_close",
            "double",
            "Median of the hours from creation to closing, by the clock, of cases closed in the month; null where none was.",
            comes_from=("dim_salesforce_case.closed_at", "dim_salesforce_case.created_at"),
        ),
        Column(
            "csat_score",
            "double",
            "Satisfaction score averaged over the contacts that have one, on the survey's own scale.",
            comes_from=("unified_interactions.csat_score",),
        ),
        Column(
            "revenue",
            "double",
            "Amounts, as they stood at the win, of opportunities won in the month and still won at the end of the last final day; one that was "
            "reopened counts when it was last won. In the currency they are kept in; null where the org has no opportunities to read.",
            comes_from=(_AMOUNT, _STAGE),
        ),
        Column(
            "pipeline",
            "double",
            "Amounts of opportunities that were open, in no closed stage, at the month's end; of the last month at the end of the last final "
            "day. In the currency they are kept in; null where the org has no opportunities to read.",
            comes_from=(_AMOUNT, _STAGE),
        ),
    ),
    daily=False,
    stored=False,
)
BODY = Body(
    reads=(
        Read(unified_interactions.TABLE),
        Read(salesforce_account.TABLE),
        Read(salesforce_case.TABLE),
        Read(salesforce_opportunity.TABLE),
        Read(calendar.TABLE),
        Read(data_status.TABLE),
    ),
    sql=sql_beside(__file__),
)


@graph.asset(TABLE, BODY)
def customer_outcomes(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.view(context, lake, TABLE, BODY)
