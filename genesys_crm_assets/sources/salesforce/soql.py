"""SOQL, written without a chance to inject: names are validated, values are quoted, times are UTC (Salesforce: SOQL for incremental loads).

Only what extraction needs. Fields are always listed: `FIELDS(ALL)` and relative dates such as `TODAY` cannot be written here (S0-38).
"""

import re
from collections.abc import Sequence
from datetime import datetime

from genesys_crm_assets.sources.paging import milliseconds

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,5}")
_OPERATORS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_ESCAPED = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"})
Value = str | bool | int | datetime | None


class Condition(str):
    """A condition that was built here. Plain text is not one."""

    __slots__ = ()


def select(sobject: str, fields: Sequence[str], *, where: Condition | Sequence[Condition] = (), order_by: Sequence[str] = ()) -> str:
    """`SELECT … FROM … [WHERE … AND …] [ORDER BY …]`.

    Raises:
        ValueError: a name that cannot be one, no field, or a field named twice (Salesforce refuses that).
        TypeError: a condition that was not built here.
    """
    lowered = [name.lower() for name in fields]
    if not fields or len(set(lowered)) != len(lowered):
        raise ValueError(f"fields must be distinct and at least one: {list(fields)}")
    ordered = f" ORDER BY {', '.join(map(_name, order_by))}" if order_by else ""
    return f"SELECT {', '.join(map(_name, fields))} FROM {_name(sobject)}{_where(where)}{ordered}"


def count(sobject: str, *, where: Condition | Sequence[Condition] = ()) -> str:
    """`SELECT COUNT() FROM … [WHERE …]`: the answer stands in `totalSize`."""
    return f"SELECT COUNT() FROM {_name(sobject)}{_where(where)}"


def window(field: str, start: datetime, end: datetime) -> Condition:
    """`start <= field < end`, the only shape in which neighbouring windows neither overlap nor leave a gap."""
    return Condition(f"{compare(field, '>=', start)} AND {compare(field, '<', end)}")


def compare(field: str, operator: str, value: Value) -> Condition:
    """One comparison.

    Raises:
        ValueError: the name, the operator or the value cannot be one.
    """
    if operator not in _OPERATORS:
        raise ValueError(f"not an operator: {operator!r}")
    return Condition(f"{_name(field)} {operator} {_literal(value)}")


def one_of(field: str, values: Sequence[Value]) -> Condition:
    """`field IN (…)`. The limit is the length of the whole request, about 550 ids; `SalesforceOrg.query` checks it."""
    if not values:
        raise ValueError("IN needs at least one value")
    return Condition(f"{_name(field)} IN ({','.join(map(_literal, values))})")


def any_of(*conditions: Condition) -> Condition:
    """`(… OR …)`."""
    return Condition(f"({' OR '.join(map(_checked, conditions))})")


def datetime_literal(moment: datetime) -> str:
    """`2026-11-20T01:02:03Z`, with milliseconds where there are some; finer ones are cut.

    Raises:
        ValueError: the moment does not say its zone.
    """
    return milliseconds(moment).replace(".000Z", "Z")


def _where(conditions: Condition | Sequence[Condition]) -> str:
    several = [conditions] if isinstance(conditions, str) else conditions
    return f" WHERE {' AND '.join(map(_checked, several))}" if several else ""


def _checked(condition: Condition) -> str:
    if not isinstance(condition, Condition):
        raise TypeError("a condition is built by window, compare, one_of or any_of, never written as text")
    return condition


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name in SOQL: {name[:80]!r}")
    return name


def _literal(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return datetime_literal(value)
    if any(not character.isprintable() and ord(character) not in _ESCAPED for character in value):
        raise ValueError("a text value holds control characters")
    return f"'{value.translate(_ESCAPED)}'"
