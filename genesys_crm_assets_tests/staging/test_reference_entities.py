"""What is read of an entity, and what becomes of one that is not as documented."""

import json
from typing import Any

import pytest

from genesys_crm_assets.staging.reference_entities import Entity, entity_of


def read(**fields: Any) -> Entity | None:
    return entity_of(json.dumps(fields).encode())


def test_a_user_has_a_team_and_a_first_location():
    """With `expand=team,locations`; a location is named by its definition, the entry's own id is the placement's."""
    located = [{"id": "placement", "locationDefinition": {"id": "l1", "name": "Leeds"}}, {"id": "x", "locationDefinition": {"id": "l2"}}]
    told = {"name": "Ann", "division": {"id": "d", "name": "Home"}, "state": "active", "email": "ann@example.com", "team": {"id": "t1"}}
    assert read(id="u1", locations=located, **told) == Entity("u1", "Ann", "Home", "active", "ann@example.com", "t1", "l1", 0)


def test_a_placement_without_definition_names_the_location_itself():
    found = read(id="u1", locations=[{"id": "l1"}])
    assert found is not None
    assert found.location_id == "l1"


def test_what_is_not_told_or_empty_is_null():
    assert read(id="u1", name="", division={"id": "d"}, team=None, locations=[]) == Entity("u1", *[None] * 6, 0)


@pytest.mark.parametrize("record", [b"[]", b"null", b'"q1"', b"{}", b'{"id": null}', b'{"id": ""}', b'{"id": 7}', b'{"id": NaN}'])
def test_an_entity_without_an_id_is_none(record: bytes):
    assert entity_of(record) is None


@pytest.mark.parametrize(
    ("odd", "count"),
    [({"name": 7}, 1), ({"division": "Home"}, 1), ({"division": {"name": []}}, 1), ({"locations": {"id": "l"}, "team": "t"}, 2), ({"locations": ["l"]}, 1)],
)  # fmt: skip
def test_a_value_of_another_type_is_null_and_counted(odd: dict[str, Any], count: int):
    """Never coerced, and never a reason to stage nothing at all (F-40)."""
    found = read(id="q1", **odd)
    assert found == Entity("q1", *[None] * 6, count)


@pytest.mark.parametrize(
    ("record", "name"),
    [(b'{"id": "q1", "name": "half \\ud83d"}', "half \ufffd"), (b'{"id": "q1", "name": "x", "rules": ' + b"[" * 5000 + b"]" * 5000 + b"}", "x")],
    ids=["half a surrogate pair", "nested too deeply"],
)  # fmt: skip
def test_bytes_that_the_fast_decoder_refuses_are_read_slowly(record: bytes, name: str):
    found = entity_of(record)
    assert found is not None
    assert found.name == name
