"""What lags: objects that no longer say what the objects they were built from say (P1).

Not blocking: a lag is mended by the next run that selects the table, and says here until then that it is there.
"""

from typing import Any

import dagster as dg

from genesys_crm_assets import audit, catalogue, dimensions, facts, marts, staging
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.resources import Lake

FOLLOWERS: tuple[tuple[Table, Body], ...] = tuple(
    (table, body)
    for table, body in catalogue.of((staging, dimensions, facts, audit, marts)).entries
    if table.daily and table.stored and body.follows
)
"""Every table whose objects say what they were built from."""


def _check(table: Table, body: Body) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=table.name,
        name="no_day_lags_behind_its_sources",
        description="Every day of this table says what its sources say now; days that do not are built again by the next run that selects it.",
    )
    def lags(lake: Lake) -> dg.AssetCheckResult:
        behind = [day.isoformat() for day in lake.lagging(table, body)]
        said: dict[str, Any] = {"lagging_days": len(behind), "first_days": ", ".join(behind[:10]) or "none"}
        return dg.AssetCheckResult(passed=not behind, severity=dg.AssetCheckSeverity.WARN, metadata=said)

    return lags


CHECKS = [_check(table, body) for table, body in FOLLOWERS]
