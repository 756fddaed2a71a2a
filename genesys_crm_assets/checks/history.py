"""The laws of history across tables: facts carry versions that dimensions have, and every interaction stands in exactly one fact.

Each check reads the lake as it is now and shows its offenders. The laws within one dimension are proofs of that dimension.
"""

import dagster as dg

from genesys_crm_assets.checks import finding
from genesys_crm_assets.dimensions import salesforce_account, salesforce_case, salesforce_contact
from genesys_crm_assets.facts import anonymous_interactions, customer_interactions, interaction_links
from genesys_crm_assets.lake.body import Read, sql_beside
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.staging import genesys_metrics

_FACT = Read(customer_interactions.TABLE, "all")


@dg.asset_check(
    asset=customer_interactions.TABLE.name, description="Every version key that a fact carries is a version its dimension has now."
)
def every_fact_finds_its_versions_still(lake: Lake) -> dg.AssetCheckResult:
    """A dimension made of more history may begin a version elsewhere; facts that carry the old key must be built again."""
    reads = (_FACT, Read(salesforce_case.TABLE), Read(salesforce_account.TABLE), Read(salesforce_contact.TABLE))
    return finding.of(lake, reads, sql_beside(__file__, "versions"), severity=dg.AssetCheckSeverity.WARN)


@dg.asset_check(
    asset=interaction_links.TABLE.name,
    description="Every staged interaction of a built day stands in exactly one of the two facts (S0-79, P1).",
)
def no_interaction_is_lost_or_doubled(lake: Lake) -> dg.AssetCheckResult:
    """The equation of P1, over all days together and on the objects as they stand."""
    reads = (Read(genesys_metrics.TABLE, "all"), _FACT, Read(anonymous_interactions.TABLE, "all"))
    return finding.of(lake, reads, sql_beside(__file__, "places"))
