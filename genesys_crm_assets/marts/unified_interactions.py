"""One row per interaction, of customers and of nobody, with everything an analyst needs beside it: then, now, and how far to trust the link.

A view over both interaction facts, the dimensions and `link_expectation`, as fresh as they are; with `NULL_CRM_POLICY=block` biased days are
absent. Names that no listing of Genesys tells are null.
Do not compare `…_current` columns over time: they change whenever the CRM does; the others never do.
"""

from dataclasses import replace

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.audit import data_status, link_expectation
from genesys_crm_assets.dimensions import (
    genesys_agent,
    genesys_queue,
    genesys_wrapup_code,
    salesforce_account,
    salesforce_case,
    salesforce_opportunity,
    salesforce_user,
)
from genesys_crm_assets.facts import anonymous_interactions, customer_interactions, interaction_columns
from genesys_crm_assets.lake.body import Body, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table

_ESCALATED = Column(
    "was_escalated",
    "boolean",
    "Escalated: the linked Case's field as the CRM says it now, where the mapping names one and a case is linked; else the attribute.",
    comes_from=(
        "fact_customer_interactions.was_escalated",
        "fact_anonymous_interactions.was_escalated",
        "dim_salesforce_case.is_escalated",
    ),
)
_SHARED = tuple(_ESCALATED if column.name == "was_escalated" else column for column in interaction_columns.COLUMNS)
_LINKED = tuple(
    replace(column, required=False, comes_from=(f"{customer_interactions.TABLE.name}.{column.name}",))
    for column in customer_interactions.LINKED
)
_ADDED = (
    Column("conversation_id", "varchar", "`interaction_id`.", required=True, comes_from=("fact_customer_interactions.interaction_id",)),
    Column(
        "conversation_start",
        "timestamp",
        "`interaction_timestamp_utc`.",
        required=True,
        comes_from=("fact_customer_interactions.interaction_timestamp_utc",),
    ),
    Column("conversation_end", "timestamp", "`interaction_end_utc`.", comes_from=("fact_customer_interactions.interaction_end_utc",)),
    Column(
        "interaction_timestamp_local",
        "timestamp",
        "`interaction_timestamp_utc` on the clock of `REPORTING_TIMEZONE`; in the night the clocks go back an hour stands twice.",
        required=True,
        comes_from=("fact_customer_interactions.interaction_timestamp_utc",),
    ),
    Column(
        "queue_name",
        "varchar",
        "Name of the first queue then; null where no listing knows it.",
        comes_from=("fact_customer_interactions.queue_id", "dim_genesys_queue.name"),
    ),
    Column(
        "last_queue_name",
        "varchar",
        "Name of the last queue then; null likewise.",
        comes_from=("fact_customer_interactions.last_queue_id", "dim_genesys_queue.name"),
    ),
    Column(
        "agent_name",
        "varchar",
        "Name of the agent then; null likewise.",
        personal=True,
        comes_from=("fact_customer_interactions.agent_id", "dim_genesys_agent.name"),
    ),
    Column("acw_time_ms", "bigint", "`wrap_up_time_ms`.", comes_from=("fact_customer_interactions.wrap_up_time_ms",)),
    Column(
        "disposition_label",
        "varchar",
        "Name now of the wrap-up code, else the code, else `Unanswered/Abandoned`.",
        required=True,
        comes_from=("fact_customer_interactions.disposition_code", "dim_genesys_wrapup_code.name"),
    ),
    Column(
        "customer_tier_at_interaction",
        "varchar",
        "Tier then; `Unknown` where missing.",
        required=True,
        comes_from=("fact_customer_interactions.customer_tier",),
    ),
    Column(
        "customer_tier_current",
        "varchar",
        "Tier now; `Unknown` where missing.",
        required=True,
        comes_from=("dim_salesforce_account.customer_tier",),
    ),
    Column(
        "account_owner_current",
        "varchar",
        "Name now of the user who owns the Account now.",
        personal=True,
        comes_from=("dim_salesforce_account.owner_id", "dim_salesforce_user.name"),
    ),
    Column("ltv_usd", "double", "The Account's lifetime value now, USD."),
    Column("case_status_current", "varchar", "The Case's status now.", comes_from=("dim_salesforce_case.status",)),
    Column("case_closed_at_current", "timestamp", "The Case's ClosedDate as told now, UTC.", comes_from=("dim_salesforce_case.closed_at",)),
    Column(
        "open_opportunity_count",
        "bigint",
        "Opportunities of the Account open then: their stage was none of the mapping's closed ones, merges of Accounts followed; null without "
        "an Account, and where `SOURCES_ABSENT` names them.",
        comes_from=("dim_salesforce_opportunity.account_id", "dim_salesforce_opportunity.stage_name"),
    ),
    Column(
        "open_case_count",
        "bigint",
        "Cases of the Account open then, merges followed; null without an Account, and where `SOURCES_ABSENT` names them.",
        comes_from=("dim_salesforce_case.account_id", "dim_salesforce_case.closed_at"),
    ),
    Column(
        "link_precision",
        "double",
        "Share of told cases on which the row's rule agrees, over the whole lake; null for told cases, without a case, and below 30 told. An upper bound where nothing was told: told conversations always have a case.",
        comes_from=("link_expectation.agreeing", "link_expectation.told_cases"),
    ),
    Column("genesys_url", "varchar", "Opens the conversation in Genesys Cloud.", comes_from=("fact_customer_interactions.interaction_id",)),
    Column("case_url", "varchar", "Opens the linked Case in Salesforce.", comes_from=("fact_customer_interactions.case_id",)),
    Column(
        "etl_loaded_at",
        "timestamp",
        "When the row's object was built, UTC.",
        required=True,
        provenance=True,
        comes_from=("fact_customer_interactions.loaded_at", "fact_anonymous_interactions.loaded_at"),
    ),
)

TABLE = Table(
    name="unified_interactions",
    layer="marts",
    description=__doc__,
    key=("interaction_id",),
    columns=(Column("day_utc", "date", "UTC day the interaction began.", required=True), *_SHARED, *_LINKED, *_ADDED),
    daily=False,
    stored=False,
)
BODY = Body(
    reads=(
        Read(customer_interactions.TABLE, "all"),
        Read(anonymous_interactions.TABLE, "all"),
        Read(genesys_queue.TABLE),
        Read(genesys_agent.TABLE),
        Read(genesys_wrapup_code.TABLE),
        Read(salesforce_case.TABLE),
        Read(salesforce_account.TABLE),
        Read(salesforce_opportunity.TABLE),
        Read(salesforce_user.TABLE),
        Read(link_expectation.TABLE),
        Read(data_status.TABLE),
    ),
    sql=sql_beside(__file__),
)


@graph.asset(TABLE, BODY)
def unified_interactions(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.view(context, lake, TABLE, BODY)
