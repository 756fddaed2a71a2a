"""How a check across tables says what it found: the offenders counted, ten of them shown, and the SQL that finds them.

Not here: any one check.
"""

import json
from typing import Any

import dagster as dg

from genesys_crm_assets.lake.body import Read
from genesys_crm_assets.resources import Lake

_SHOWN = 10


def of(
    lake: Lake, reads: tuple[Read, ...], offenders: str, *, severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR, newest: int = 0
) -> dg.AssetCheckResult:
    """Run a select that finds offenders; the check passes where there is none. Offenders are keys, never personal data.

    With `newest` it looks at that many days up to the newest.
    """
    with lake.seen(reads, newest) as session:
        session.execute(f"create temp table offenders as {offenders}")
        count = int(session.execute("select count(*) from offenders").fetchall()[0][0])
        shown = session.sql(f"select * from offenders order by all limit {_SHOWN}").to_arrow_table().to_pylist()
    said: dict[str, Any] = {
        "offenders": count,
        "first_offenders": dg.MetadataValue.md(f"```json\n{json.dumps(shown, default=str, indent=1)}\n```"),
        "sql": offenders,
    }
    return dg.AssetCheckResult(passed=count == 0, severity=severity, metadata=said)
