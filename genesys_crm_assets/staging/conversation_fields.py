"""Reading a record field by field, to say which one is of the wrong type and to accept what only the fast decoder refuses.

The types are those of the structs in `conversation`, so both ways read the same fields. Null is absent, in objects and in lists. Not here:
which fields a conversation has, or what becomes of a record that is refused.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from math import inf, isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from genesys_crm_assets.sources.json_bytes import storable

_LARGEST = 2**63 - 1
_MOMENT = re.compile(r"[0-9W-]+[Tt ][0-9:.,]+(?:[Zz]|[+-][0-9:]{2,5})")


class WrongType(Exception):
    """A field holds what it must not; the message says where and what kind, and no value."""


def settled(told: Any, kind: Any, where: str = "") -> Any:
    """The value as `msgspec.convert` takes it for a type; null where it was told as null.

    Args:
        told: plain Python, as JSON was read.
        kind: the type wanted: a struct, a list, a dict of strings, a time, a text, a number or a truth value.
        where: the path to it, such as `participants[0].sessions[1]`.

    Raises:
        WrongType: the value, or one inside it, is of another type.
    """
    kind = bare(kind)
    if told is None:
        return None
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _fields(told, kind, where)
    if get_origin(kind) is list:
        return _items(told, get_args(kind)[0], where)
    if get_origin(kind) is dict:
        return _texts(told, where)
    return _SCALARS[kind](told, where)


def bare(kind: Any) -> Any:
    """The type without `| None` and without annotations."""
    if get_origin(kind) in {Union, UnionType}:
        kind = next(part for part in get_args(kind) if part is not NoneType)
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _fields(told: Any, kind: type[msgspec.Struct], where: str) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise WrongType(f"{where}: not an object")
    before = f"{where}." if where else ""
    return {
        field.encode_name: settled(told[field.encode_name], field.type, before + field.encode_name)
        for field in msgspec.structs.fields(kind)
        if field.encode_name in told
    }


def _items(told: Any, kind: Any, where: str) -> list[Any]:
    if not isinstance(told, list):
        raise WrongType(f"{where}: not an array")
    return [settled(item, kind, f"{where}[{index}]") for index, item in enumerate(told) if item is not None]


def _texts(told: Any, where: str) -> dict[str, str]:
    if not isinstance(told, dict):
        raise WrongType(f"{where}: not an object")
    if not all(item is None or isinstance(item, str) for item in told.values()):
        raise WrongType(f"{where}: not an object of strings")
    return {storable(name): storable(item) for name, item in told.items() if item is not None}


def _text(told: Any, where: str) -> str:
    if not isinstance(told, str):
        raise WrongType(f"{where}: not a string")
    return storable(told)


def _whole(told: Any, where: str) -> int:
    if type(told) is not int:
        raise WrongType(f"{where}: not an integer")
    if not -_LARGEST - 1 <= told <= _LARGEST:
        raise WrongType(f"{where}: an integer beyond 64 bits")
    return told


def _number(told: Any, where: str) -> float:
    try:
        found = float(told) if type(told) in {int, float} else inf
    except OverflowError:
        found = inf
    if not isfinite(found):
        raise WrongType(f"{where}: not a number")
    return found


def _truth(told: Any, where: str) -> bool:
    if not isinstance(told, bool):
        raise WrongType(f"{where}: neither true nor false")
    return told


def _moment(told: Any, where: str) -> datetime:
    if not isinstance(told, str) or _MOMENT.fullmatch(told) is None:
        raise WrongType(f"{where}: not a time")
    try:
        return datetime.fromisoformat(told.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongType(f"{where}: not a time") from None


_SCALARS: dict[Any, Callable[[Any, str], Any]] = {str: _text, int: _whole, float: _number, bool: _truth, datetime: _moment}
