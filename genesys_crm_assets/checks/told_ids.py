"""Whether the ids that Genesys tells are of this Salesforce org: where most of a day's are unknown to it, two orgs were mixed up (S0-40).

A single unknown id is a matter of its interaction (`quarantine_interactions`); this looks at whole days, the newest: what was judged last
month is not judged again every night (P9). Not here: which interactions.
"""

import dagster as dg

from genesys_crm_assets.checks import finding
from genesys_crm_assets.dimensions import salesforce_account, salesforce_case, salesforce_contact
from genesys_crm_assets.facts import interaction_links
from genesys_crm_assets.lake.body import Read, sql_beside
from genesys_crm_assets.preview import NEWEST_DAYS
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.staging import genesys_external_contacts

_REMEDY = (
    "Look whether the Genesys client and SALESFORCE_URL point at a sandbox and at production, or whether external contacts were loaded from "
    "another org; where Salesforce was merely read too late, land its tables again"
)


@dg.asset_check(
    asset=interaction_links.TABLE.name,
    description="Of the ids told on a day, 20 or more, at most half are unknown to Salesforce; if more are, Genesys and Salesforce are "
    "probably not the same company's production, or sandbox.",
)
def told_ids_are_of_this_org(lake: Lake) -> dg.AssetCheckResult:
    """Days with too many unknown ids, and how many were told and unknown of each object; an object without any record is not judged."""
    reads = (
        Read(interaction_links.TABLE, "all"),
        Read(genesys_external_contacts.TABLE, "all"),
        Read(salesforce_case.TABLE),
        Read(salesforce_contact.TABLE),
        Read(salesforce_account.TABLE),
    )
    found = finding.of(lake, reads, sql_beside(__file__), severity=dg.AssetCheckSeverity.WARN, newest=NEWEST_DAYS)
    said = {} if found.passed else {"remedy": _REMEDY}
    return dg.AssetCheckResult(passed=found.passed, severity=found.severity, metadata={**found.metadata, **said})
