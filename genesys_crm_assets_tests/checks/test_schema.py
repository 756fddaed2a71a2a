"""The check on the org's fields: by policy it warns or fails, and a tolerated difference is shown all the same."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from genesys_crm_assets.checks import schema
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.table import body_schema
from genesys_crm_assets.raw import genesys_interactions, salesforce
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.staging import genesys_tellings
from genesys_crm_assets_tests import lakes
from genesys_crm_assets_tests.builders import ABSENT, participant, record, segment, session
from genesys_crm_assets_tests.raw.test_schema import TYPES, _land
from genesys_crm_assets_tests.raw.vendors import Org, lake

HIDDEN = {name: kind for name, kind in TYPES.items() if name != "Industry"} | {"AnnualRevenue": "string"}


def _judged(root: Path, described: dict[str, str], words: str = "") -> dg.AssetCheckResult:
    place = _lake(root, words)
    org = Org(described={"Account": described})
    org.tell("Account", "001A", "2026-11-03T08:00:00.000+0000", Name="Acme")
    _land(place, org)
    return schema.judged(place, salesforce.ACCOUNTS)


def _lake(root: Path, words: str) -> Lake:
    file = root / "words.toml"
    file.write_text(words, encoding="utf-8")
    return lake(root, MAPPING_FILE=str(file))


def test_an_org_as_mapped_passes(tmp_path: Path):
    found = _judged(tmp_path, TYPES)
    assert (found.passed, found.metadata["missing"].value, found.metadata["fields_told"].value) == (True, "none", len(TYPES))


@pytest.mark.shows("S2-38")
@pytest.mark.parametrize(
    ("words", "passed", "severity"),
    [
        ("", False, dg.AssetCheckSeverity.WARN),
        ('[schema]\non_drift = "fail"\n', False, dg.AssetCheckSeverity.ERROR),
        ("[schema]\ntolerated = 2\n", True, dg.AssetCheckSeverity.WARN),
    ],
)
def test_drift_warns_or_fails_as_the_mapping_says(tmp_path: Path, words: str, passed: bool, severity: dg.AssetCheckSeverity):  # noqa: FBT001 - a case of the table
    """The difference itself is shown whatever becomes of it."""
    found = _judged(tmp_path, HIDDEN, words)
    assert (found.passed, found.severity) == (passed, severity)
    assert found.metadata["missing"].value == "Industry"
    assert found.metadata["retyped"].value == "AnnualRevenue is string"


def test_nothing_read_yet_is_no_drift(tmp_path: Path):
    assert schema.judged(_lake(tmp_path, ""), salesforce.ACCOUNTS).passed


def test_every_described_table_is_watched():
    watched = {key.asset_key.to_user_string() for check in schema.CHECKS for key in check.check_keys}
    assert watched == {table.name for table in salesforce.DESCRIBED}


def _told(place: Lake, day: date, records: list[bytes]) -> None:
    rows = [lakes.page(1, "conversation_jobs", records, datetime(2026, 11, 9), until=datetime(2026, 11, 9))]  # noqa: DTZ001 - as DuckDB's are
    found = pa.Table.from_pylist(rows, schema=body_schema(genesys_interactions.TABLE))
    builder = place.builder("a run")
    builder.publish(builder.aside(genesys_interactions.TABLE, Body(reads=(), python=lambda _session, _day: found), day))
    for made in genesys_tellings.written(place, builder, day):
        builder.publish(made.aside)


def _conversations(number: int, **more: Any) -> list[bytes]:
    attributes = {"sfCaseId": "x", "sfAccountId": "x", "sfContactId": "x", "escalated": "x"}
    day = more.pop("day")
    parts = [participant("customer", session(segments=[segment()]), attributes=attributes)]
    told = {"conversationStart": f"{day}T10:00:00.000Z", "conversationEnd": f"{day}T10:05:00.000Z", "participants": parts, **more}
    return [record(**{"conversationId": str(place), **told}) for place in range(number)]


def _days(root: Path, last: dict[str, Any], words: str = "", before: dict[str, Any] | None = None) -> dg.AssetCheckResult:
    place = _lake(root, words)
    for day in (date(2026, 11, 3), date(2026, 11, 4)):
        _told(place, day, _conversations(120, day=day, **(before or {})))
    _told(place, date(2026, 11, 5), _conversations(120, day=date(2026, 11, 5), **last))
    found = schema.conversations_are_told_as_before(place)
    assert isinstance(found, dg.AssetCheckResult)
    return found


def test_days_told_alike_pass(tmp_path: Path):
    found = _days(tmp_path, {})
    assert (found.passed, found.metadata["days_compared"].value) == (True, 3)


@pytest.mark.shows("S2-36")
def test_a_field_that_is_told_no_more_is_missed(tmp_path: Path):
    """A record without it can still be staged, so nothing else would say so."""
    found = _days(tmp_path, {"conversationEnd": ABSENT, "mood": "fine"})
    assert (found.passed, found.metadata["missing"].value, found.metadata["new"].value) == (False, "conversationEnd", "mood")


def test_what_customers_answer_later_is_not_missed_on_the_last_day(tmp_path: Path):
    """Surveys and evaluations come days after the conversation; a check that warns every night is read by nobody."""
    later = {"surveys": [{"surveyStatus": "Finished", "oSurveyTotalScore": 80.0}], "evaluations": [{"oTotalScore": 90.0}]}
    assert _days(tmp_path, {}, before=later).passed


def test_an_attribute_that_nobody_tells_is_named(tmp_path: Path):
    """A name misspelt in the mapping links nothing and breaks nothing."""
    found = _days(tmp_path, {}, '[attributes]\ncase_id = "SfCaseID"\n')
    assert (found.passed, found.metadata["attributes_never_told"].value) == (False, "SfCaseID")


def test_a_quiet_day_is_not_compared(tmp_path: Path):
    place = _lake(tmp_path, "")
    _told(place, date(2026, 11, 3), _conversations(5, day=date(2026, 11, 3)))
    found = schema.conversations_are_told_as_before(place)
    assert isinstance(found, dg.AssetCheckResult)
    assert found.passed
