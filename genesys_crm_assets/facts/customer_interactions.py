"""One row per interaction of a known customer or about a known case, with the customer and the case as they were at its start.

Built daily from `staging_genesys_metrics`, `interaction_links` and the CRM dimensions; interactions of nobody are in `fact_anonymous_interactions`.
What the CRM says now is absent (P5): `unified_interactions` has it beside the versions that were valid then.
Do not join the dimensions by natural id: that fans out over versions; join by `…_version_key`.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import salesforce_account, salesforce_case, salesforce_contact, salesforce_user
from genesys_crm_assets.facts import interaction_columns, interaction_links
from genesys_crm_assets.lake.body import Body, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.staging import genesys_metrics

LINKED = (
    Column("link_method", "varchar", "How the customer was found (§6.2).", required=True),
    Column("case_match_rule", "varchar", "How the case was found (§6.3); null without a case."),
    Column("match_offset_ms", "bigint", "The case's CreatedDate minus the interaction's start; null without a case."),
    Column("match_candidates", "bigint", "Live cases of the customer that some rule would have accepted.", required=True),
    Column("crm_customer_key", "varchar", "`contact_id`, else `account_id`."),
    Column("case_id", "varchar", "The linked Case, merges followed.", comes_from=("interaction_links.case_id",)),
    Column("case_number", "varchar", "Its number."),
    Column("account_id", "varchar", "The customer's Account, merges followed.", comes_from=("interaction_links.account_id",)),
    Column("contact_id", "varchar", "The customer's Contact, merges followed.", comes_from=("interaction_links.contact_id",)),
    Column("case_version_key", "varchar", "Version of the Case at the start.", comes_from=("dim_salesforce_case.version_key",)),
    Column("account_version_key", "varchar", "Version of the Account at the start.", comes_from=("dim_salesforce_account.version_key",)),
    Column("contact_version_key", "varchar", "Version of the Contact at the start.", comes_from=("dim_salesforce_contact.version_key",)),
    Column("case_status", "varchar", "Status then.", comes_from=("dim_salesforce_case.status",)),
    Column("case_priority", "varchar", "Priority then.", comes_from=("dim_salesforce_case.priority",)),
    Column("case_category", "varchar", "Category then.", comes_from=("dim_salesforce_case.type",)),
    Column("case_created_at", "timestamp", "The Case's CreatedDate, UTC.", comes_from=("dim_salesforce_case.created_at",)),
    Column(
        "case_closed_at",
        "timestamp",
        "The Case's ClosedDate, UTC, where it is not later than the start.",
        comes_from=("dim_salesforce_case.closed_at",),
    ),
    Column(
        "account_name",
        "varchar",
        "Account name then; of a person account the person's.",
        personal=True,
        comes_from=("dim_salesforce_account.name",),
    ),
    Column("industry", "varchar", "Industry then.", comes_from=("dim_salesforce_account.industry",)),
    Column("customer_tier", "varchar", "Tier then.", comes_from=("dim_salesforce_account.customer_tier",)),
    Column(
        "account_owner",
        "varchar",
        "Name then of the user who owned the Account then.",
        personal=True,
        comes_from=("dim_salesforce_account.owner_id", "dim_salesforce_user.name"),
    ),
    Column("contact_email", "varchar", "E-mail address then.", personal=True, comes_from=("dim_salesforce_contact.email",)),
    Column("contact_phone", "varchar", "Phone number then.", personal=True, comes_from=("dim_salesforce_contact.phone",)),
)

TABLE = Table(
    name="fact_customer_interactions",
    layer="facts",
    description=__doc__,
    key=("interaction_id",),
    columns=(*interaction_columns.COLUMNS, *LINKED),
)
BODY = Body(
    reads=(
        Read(genesys_metrics.TABLE),
        Read(interaction_links.TABLE),
        Read(salesforce_case.TABLE),
        Read(salesforce_account.TABLE),
        Read(salesforce_contact.TABLE),
        Read(salesforce_user.TABLE),
    ),
    steps=(
        ("interactions", interaction_columns.SQL),
        ("linked", sql_beside(__file__, "linked")),
        ("case_versions", sql_beside(__file__, "case_versions")),
        ("account_versions", sql_beside(__file__, "account_versions")),
        ("contact_versions", sql_beside(__file__, "contact_versions")),
        ("owner_versions", sql_beside(__file__, "owner_versions")),
    ),
    sql=sql_beside(__file__),
    proofs=(
        Proof(
            "customer_rows_are_the_links_with_a_customer_or_a_case",
            sql_beside(__file__, "customer_rows_are_the_links_with_a_customer_or_a_case"),
            "Every link with a customer or a case has its fact row (P1); if not, rebuild interaction_links for the day.",
        ),
        Proof(
            "every_fact_finds_its_versions",
            sql_beside(__file__, "every_fact_finds_its_versions"),
            "Every resolved id has the key of the version valid at the start (P5); if not, rebuild the dimensions, then the links.",
        ),
    ),
    follows=(genesys_metrics.TABLE, interaction_links.TABLE),
    looks_back=True,
)


@graph.asset(TABLE, BODY)
def fact_customer_interactions(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
