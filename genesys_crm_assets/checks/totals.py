"""Whether totals agree with the source: unexplained variance of final days above `RECONCILIATION_TOLERANCE` fails (S0-64, S0-65, §6.6).

The checks name the metrics and groups that differ most, and warn where days were landed and nothing was compared. Not here: the comparisons themselves (`audit.reconciliation`).
"""

import json
from typing import Any

import dagster as dg

from genesys_crm_assets.audit import reconciliation
from genesys_crm_assets.lake.body import Read, sql_beside
from genesys_crm_assets.raw import genesys_interactions
from genesys_crm_assets.resources import Lake

_VARIANCES = sql_beside(__file__)
_WORST = sql_beside(__file__, "worst")


def _agreement(lake: Lake, comparison: str) -> dg.AssetCheckResult:
    with lake.seen((Read(reconciliation.TABLE, "all"),)) as session:
        days, largest, unexplained, tolerated = session.execute(_VARIANCES, {"comparison": comparison}).fetchall()[0]
        worst = session.sql(_WORST, params={"comparison": comparison}).to_arrow_table().to_pylist() if unexplained > tolerated else []
    landed = len(lake.storage.days(genesys_interactions.TABLE))
    said: dict[str, Any] = {
        "days_landed": landed,
        "days_compared": days,
        "largest_variance": float(largest),
        "largest_unexplained_variance": float(unexplained),
        "tolerance": float(tolerated),
        "groups_that_differ_most": dg.MetadataValue.md(f"```json\n{json.dumps(worst, default=str, indent=1)}\n```"),
    }
    if landed and not days:
        said["why"] = "days were landed and none was compared: none is final yet, or the vendor's totals were not read after the day's end"
        return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN, metadata=said)
    return dg.AssetCheckResult(passed=unexplained <= tolerated, metadata=said)


@dg.asset_check(
    asset=reconciliation.TABLE.name,
    description="Queue activity of final days agrees with Genesys' own aggregates, by queue and media; look at the groups that differ most.",
)
def totals_agree_with_genesys(lake: Lake) -> dg.AssetCheckResult:
    """§6.6 a."""
    return _agreement(lake, "queue_activity")


@dg.asset_check(
    asset=reconciliation.TABLE.name,
    description="Cases created and closed on final days, and so the resolution rate, agree with Salesforce's counts.",
)
def cases_agree_with_salesforce(lake: Lake) -> dg.AssetCheckResult:
    """§6.6 c."""
    return _agreement(lake, "cases")
