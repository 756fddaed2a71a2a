"""One row per interaction of a staged day: who and which case it was about, by which rule, and what spoke against it.

Built daily from `staging_genesys_metrics`, what Genesys says of the external contacts that its tellings named, the CRM's dimensions as they are
now and the field history around the day (§6.2, §6.3).
Every staged interaction is here once; where nobody and no case was found, the columns that would say so are null.
Do not read `nearest_case_id` as a link: it is the case that was not near enough. Do not count reasons as interactions: one may have several.
"""

import dagster as dg

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.dimensions import salesforce_account, salesforce_case, salesforce_contact
from genesys_crm_assets.lake.body import Body, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.staging import genesys_external_contacts, genesys_metrics, salesforce_field_history

TABLE = Table(
    name="interaction_links",
    layer="facts",
    description=__doc__,
    key=("interaction_id",),
    columns=(
        Column("interaction_id", "varchar", "The conversation.", required=True, comes_from=("staging_genesys_metrics.conversation_id",)),
        Column("crm_case_id", "varchar", "The Case a participant attribute told, 18 characters, as told."),
        Column("crm_contact_id", "varchar", "The Contact a participant attribute told, 18 characters, as told."),
        Column("external_contact_id", "varchar", "The external contact Genesys recognised, as told."),
        Column("crm_account_id", "varchar", "The Account a participant attribute told, 18 characters, as told."),
        Column(
            "link_method",
            "varchar",
            "How the customer was found: `case_attribute`, `contact_attribute`, `external_contact`, `account_attribute`, `phone` or `email`; "
            "null where nobody was.",
        ),
        Column(
            "case_match_rule",
            "varchar",
            "How the case was found: `case_attribute`, `created_with`, `touched_with`, `open_case` or `lookback`; null without a case.",
        ),
        Column("match_offset_ms", "bigint", "The case's CreatedDate minus the interaction's start; null without a case."),
        Column("match_candidates", "bigint", "Live cases of the blind customer that some rule would have accepted.", required=True),
        Column("crm_customer_key", "varchar", "`contact_id`, else `account_id`."),
        Column("case_id", "varchar", "The linked Case, merges followed."),
        Column("contact_id", "varchar", "The customer's Contact, merges followed."),
        Column("account_id", "varchar", "The Contact's Account of now, else the Case's, else the one told; merges followed."),
        Column("blind_link_method", "varchar", "`link_method` had no case been told."),
        Column("blind_case_match_rule", "varchar", "`case_match_rule` had no case been told."),
        Column("blind_case_id", "varchar", "`case_id` had no case been told."),
        Column("nearest_case_id", "varchar", "Where no case was linked, the customer's one created nearest."),
        Column("nearest_case_offset_ms", "bigint", "Its CreatedDate minus the interaction's start."),
        Column(
            "reasons",
            "struct(reason varchar, told_id varchar, detail varchar)[]",
            "Why a person should look (§6.5); empty where nobody needs to.",
            required=True,
        ),
    ),
)
BODY = Body(
    reads=(
        Read(genesys_metrics.TABLE),
        # Whoever was told on some raw day was asked about on that day; which days told this one, their papers say.
        Read(genesys_external_contacts.TABLE, "held"),
        Read(salesforce_case.TABLE),
        Read(salesforce_account.TABLE),
        Read(salesforce_contact.TABLE),
        # A conversation reaches at most a day past its start, the tolerance up to seven more on either side.
        Read(salesforce_field_history.TABLE, "around", before=7, after=8, baseline=True),
    ),
    steps=(
        ("interactions", sql_beside(__file__, "interactions")),
        ("accounts", sql_beside(__file__, "accounts")),
        ("contacts", sql_beside(__file__, "contacts")),
        ("contact_ids", sql_beside(__file__, "contact_ids")),
        ("external_contacts", sql_beside(__file__, "external_contacts")),
        ("identities", sql_beside(__file__, "identities")),
        ("customers", sql_beside(__file__, "customers")),
        ("told_cases", sql_beside(__file__, "told_cases")),
        ("customer_cases", sql_beside(__file__, "customer_cases")),
        ("blind_cases", sql_beside(__file__, "blind_cases")),
        ("answers", sql_beside(__file__, "answers")),
    ),
    sql=sql_beside(__file__),
    proofs=(
        Proof(
            "every_interaction_is_linked_once",
            sql_beside(__file__, "every_interaction_is_linked_once"),
            "Staged rows = links, each interaction once (P1); if not, a join in this table's steps fans out or drops rows.",
        ),
        Proof(
            "every_link_says_how",
            sql_beside(__file__, "every_link_says_how"),
            "Whoever has a customer or a case has a method, and every case its rule and offset (P6).",
        ),
    ),
    follows=(genesys_metrics.TABLE,),
    # Not followed, so that links are built where external contacts are not there yet; built again when their answers change.
    gathers=genesys_external_contacts.TABLE,
    looks_back=True,
)


class Matching(dg.Config):
    """Windows and rules of one run, so that a past day can be matched again without a deployment (§6.3); what is left out is as configured."""

    match_tolerance_minutes: int | None = None
    match_window_hours: int | None = None
    match_lookback_hours: int | None = None
    match_rules: list[str] | None = None
    high_latency_periods: list[str] | None = None

    def told(self) -> dict[str, str]:
        """The same as variables."""
        numbers = {name: getattr(self, name) for name in ("match_tolerance_minutes", "match_window_hours", "match_lookback_hours")}
        told = {name.upper(): str(number) for name, number in numbers.items() if number is not None}
        if self.match_rules is not None:
            told["MATCH_RULES"] = ",".join(self.match_rules)
        if self.high_latency_periods is not None:
            told["HIGH_LATENCY_PERIODS"] = ";".join(self.high_latency_periods)
        return told


@graph.asset(TABLE, BODY)
def interaction_links(context: dg.AssetExecutionContext, config: Matching, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY, config.told())
