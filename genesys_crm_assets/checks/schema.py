"""Whether the org still has the fields that the mapping names, with types their columns can take (S2-36…38).

Reads what the last landing of each raw table found, and with which fields the last day's conversations were told; asks no vendor. `mapping.toml` says how much drift is tolerated, and whether more of it
warns or fails. New fields are shown and are no fault. Not here: finding them (`raw.schema`, `staging.conversation_schema`).
"""

import json
from datetime import date
from typing import Any

import dagster as dg

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.mapping import Mapping
from genesys_crm_assets.raw import salesforce, schema
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.staging import conversation_schema, genesys_tellings

_ABOUT = """Fields of this object that the mapping names and the org lacks, hides from the integration user or has with another type.

Their columns are null, or staging refuses the day. Correct `mapping.toml`, or let the integration user read the field."""

_ABOUT_RECORDS = """Fields that staging reads and conversations were told with until now, but not the last day, or with another type; \
and attributes of ids and escalation that the mapping names and no conversation of a week carries.

Compare `mapping.toml` with the Architect flows, and the request with Genesys' release notes."""

_DAYS = 8
_LATE = ("surveys", "evaluations")
"""Told once customers and evaluators have answered, days after the conversation: the last day never has as many (Genesys: conversation detail)."""

_ENOUGH = 100
"""Conversations below which a field that is rare may be missing by chance."""


def judged(lake: Lake, table: Table) -> dg.AssetCheckResult:
    """The check of one table: how the org differed from the mapping when it was last read."""
    said = schema.last_said(lake.storage, table)
    if not said:
        return dg.AssetCheckResult(passed=True, metadata={"why": "nothing was read yet, or the org describes nothing"})
    found: dict[str, Any] = json.loads(said)
    words = lake.environment.words()
    shown = {name: ", ".join(found[name]) or "none" for name in ("missing", "retyped", "new")}
    drift = len(found["missing"]) + len(found["retyped"])
    return _verdict(drift, words, {**shown, "fields_told": len(found["types"]), "mapping_version": found["version"]})


def _verdict(drift: int, words: Mapping, said: dict[str, Any]) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.ERROR if words.on_drift == "fail" else dg.AssetCheckSeverity.WARN
    metadata = {**said, "tolerated": words.tolerated_drift}
    return dg.AssetCheckResult(passed=drift <= words.tolerated_drift, severity=severity, metadata=metadata)


def _check(table: Table) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=table.name, name="fields_are_as_mapped", description=_ABOUT)
    def as_mapped(lake: Lake) -> dg.AssetCheckResult:
        return judged(lake, table)

    return as_mapped


@dg.asset_check(asset=genesys_tellings.TABLE.name, description=_ABOUT_RECORDS)
def conversations_are_told_as_before(lake: Lake) -> dg.AssetCheckResult:
    """The last day with enough conversations against the seven before it, and against the attributes that the mapping names."""
    days = [found for day in lake.storage.days(genesys_tellings.TABLE)[-_DAYS:] if (found := _paper(lake, day))["records"] >= _ENOUGH]
    if not days:
        return dg.AssetCheckResult(passed=True, metadata={"why": f"no day of the last {_DAYS} has {_ENOUGH} conversations"})
    words = lake.environment.words()
    found = _compared(days, words)
    drift = sum(len(found[name]) for name in ("missing", "retyped", "attributes_never_told"))
    shown = {name: ", ".join(paths) or "none" for name, paths in found.items()}
    return _verdict(drift, words, {**shown, "days_compared": len(days)})


def _paper(lake: Lake, day: date) -> dict[str, Any]:
    said = parquet.papers(lake.storage.url(layout.object_key(genesys_tellings.TABLE, day))).get(conversation_schema.PAPER)
    return dict(json.loads(said)) if said else {"records": 0}


def _compared(days: list[dict[str, Any]], words: Mapping) -> dict[str, list[str]]:
    last, before = days[-1], days[:-1]
    earlier: dict[str, set[str]] = {}
    for path, kinds in (pair for day in before for pair in day["paths"].items()):
        earlier.setdefault(path, set()).update(kinds)
    read = conversation_schema.read()
    awaited = (path for path in read if not path.startswith(_LATE))
    always = {path for path in awaited if before and all(path in day["paths"] for day in before)}
    # Not the bot's: an org without bots never tells it, and need not be warned every night.
    named = {words.attribute_case_id, words.attribute_account_id, words.attribute_contact_id, words.attribute_escalated}
    told = {name for day in days for name in day["attributes"]}
    return {
        "missing": sorted(always - last["paths"].keys()),
        "retyped": sorted(path for path, kinds in last["paths"].items() if path in read and path in earlier and set(kinds) - earlier[path]),
        "attributes_never_told": sorted(filter(None, named - told)),
        "new": sorted(last["paths"].keys() - earlier.keys()) if before else [],
    }


CHECKS = [_check(table) for table in salesforce.DESCRIBED]
