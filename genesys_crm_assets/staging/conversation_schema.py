"""Which fields a day's conversations were told with, so that a field that comes, goes or changes its type is seen (S2-36, S2-38).

Names and kinds only, never a value. What is found stands in the papers of `staging_genesys_tellings`; a check compares the days. Not here:
refusing a record, which is `conversation`'s.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, get_args, get_origin

import msgspec

from genesys_crm_assets.sources import json_bytes
from genesys_crm_assets.staging.conversation import Conversation
from genesys_crm_assets.staging.conversation_fields import bare

PAPER = "schema"

_LOOKED_AT = 1_000
"""Records of a day that are looked at, spread evenly; a field that one record in a thousand has may be missed for a day."""

_NAMES_KEPT = 300
"""Attribute names that are kept: flows may make up names without end."""

_DEEPEST = 8
"""Steps from the conversation down; the deepest field that staging reads is three away."""

ATTRIBUTES = "participants[].attributes"
_KINDS = {str: "text", bool: "truth value", int: "number", float: "number", dict: "object", list: "array"}


def paper(records: Sequence[bytes]) -> str:
    """What the papers of a day say: how many records were looked at, the kinds of every path told, and the names of attributes, as JSON."""
    looked = records[:: max(1, -(-len(records) // _LOOKED_AT))]
    paths: dict[str, set[str]] = {}
    names: set[str] = set()
    for record in looked:
        for path, kind in _told(_decoded(record), ""):
            paths.setdefault(path, set()).add(kind)
    for path in [path for path in paths if path.startswith(f"{ATTRIBUTES}.")]:
        names.add(path.removeprefix(f"{ATTRIBUTES}."))
        del paths[path]
    said = {
        "records": len(looked),
        "paths": {path: sorted(kinds) for path, kinds in sorted(paths.items())},
        "attributes": sorted(names)[:_NAMES_KEPT],
    }
    return json.dumps(said)


def read() -> set[str]:
    """The paths that staging reads: those of the fields of `Conversation`."""
    return set(_read(Conversation, ""))


def _decoded(record: bytes) -> Any:
    try:
        return msgspec.json.decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return json_bytes.value(record)


def _told(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if value is None or path.count(".") > _DEEPEST:
        return
    if path:
        yield path, _KINDS[type(value)]
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _told(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _told(inner, f"{path}[]")


def _read(kind: Any, path: str) -> Iterator[str]:
    kind = bare(kind)
    if path:
        yield path
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            yield from _read(field.type, f"{path}.{field.encode_name}" if path else field.encode_name)
    elif get_origin(kind) is list:
        yield from _read(get_args(kind)[0], f"{path}[]")
