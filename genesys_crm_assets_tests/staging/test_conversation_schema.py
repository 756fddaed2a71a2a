"""What a day's conversations were told with: names and kinds, for a check to compare."""

import json

import pytest

from genesys_crm_assets.staging import conversation_schema
from genesys_crm_assets_tests.builders import participant, record, session


def _said(*records: bytes) -> dict[str, object]:
    return dict(json.loads(conversation_schema.paper(records)))


def test_every_path_is_named_with_the_kinds_it_was_told_in():
    said = _said(record(mood="fine"), record(mood=3, participants=[participant("customer", session())]))
    assert said["records"] == 2
    paths = said["paths"]
    assert isinstance(paths, dict)
    assert paths["mood"] == ["number", "text"]
    assert paths["participants[].sessions[].mediaType"] == ["text"]


@pytest.mark.shows("S2-18")
def test_attributes_are_named_apart_and_no_value_is_kept():
    """Names say what a flow tells; values may be anybody's telephone number."""
    said = _said(record(participants=[participant("customer", attributes={"sfCaseId": "500secret", "Intent": "billing"})]))
    assert said["attributes"] == ["Intent", "sfCaseId"]
    assert "secret" not in json.dumps(said)


def test_null_is_absent():
    paths = _said(record(conversationEnd=None))["paths"]
    assert isinstance(paths, dict)
    assert "conversationEnd" not in paths


def test_nesting_without_end_ends_all_the_same():
    deep = record(unknown="@").replace(b'"@"', b"[" * 10_000 + b"]" * 10_000)
    deeper = record(unknown="@").replace(b'"@"', b'{"a":' * 400 + b"1" + b"}" * 400)
    assert _said(deep, deeper)["records"] == 2


def test_a_large_day_is_looked_at_evenly():
    """Cost is bounded; the last records count as much as the first."""
    records = [record(**({"rare": 1} if place == 2_999 else {})) for place in range(3_000)]
    assert _said(*records)["records"] == 1_000


def test_what_staging_reads_is_known_by_its_paths():
    assert {"conversationId", "participants[].attributes", "participants[].sessions[].segments[].queueId"} <= conversation_schema.read()
