"""SOQL over the sandbox's tables: names resolved, conditions evaluated, rows put in order and projected as REST tells them.

Not here: the language (`soql.py`) and paging (`salesforce.py`).
"""

import re
from bisect import bisect_left
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.describe import Field, Schema
from genesys_crm_assets.sandbox.identifiers import with_checksum
from genesys_crm_assets.sandbox.records import Row
from genesys_crm_assets.sandbox.soql import Both, Comparison, Condition, Literal, Not, Order, Select, SoqlError, Token

Tables = dict[str, list[Row]]
Read = Callable[[Row], Any]
Test = Callable[[Row], bool]

_ADVICE = "Please reference your WSDL or the describe call for the appropriate names."
_KINDS = {"datetime": "datetime", "date": "date", "boolean": "name", "currency": "number", "percent": "number", "double": "number"}
_SHAPES = {"datetime": "dateTime", "name": "boolean", "number": "double"}
_SCALARS: dict[str, Callable[[str], Any]] = {"date": str, "number": float, "name": lambda text: text == "true"}
_NO_TEXT = frozenset({"id", "reference", *_KINDS})
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


class Reader:
    """Answers queries over the tables of one moment, as somebody sees them who sees a schema."""

    def __init__(self, tables: Tables, version: str, schema: Schema | None = None) -> None:
        self.tables, self.version = tables, version
        self._schema = schema or Schema()
        self._parents: dict[str, dict[str, Row]] = {}
        # Per object and datetime field: the known times in order, and the rows in that order.
        self._ordered: dict[tuple[str, str], tuple[list[str], list[Row]]] = {}

    def rows(self, select: Select, *, deleted: bool) -> tuple[str, list[Row]]:
        """The object's name and its matching rows, in order; `deleted` ones too for queryAll.

        Raises:
            SoqlError: INVALID_TYPE or INVALID_FIELD.
        """
        name = self._schema.object(select.table.text)
        if name is None:
            about = f"sObject type '{select.table.text}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name."
            raise SoqlError("INVALID_TYPE", f"{about} {_ADVICE}", select.table.position)
        test = self._test(name, select.where) if select.where else None
        untold = self._schema.untold.get(name, frozenset())
        candidates = (row for row in self._candidates(name, select.where) if row.get("Field") not in untold)
        found = [row for row in candidates if (deleted or not row.get("IsDeleted")) and (test is None or test(row))]
        for key in reversed(select.order):
            self._sort(name, found, key)
        return name, found[select.offset : None if select.limit is None else select.offset + select.limit]

    def projection(self, name: str, fields: tuple[Token, ...]) -> Callable[[Row], Row]:
        """What turns a row into a record with its attributes, parents nested.

        Raises:
            SoqlError: INVALID_FIELD for an unknown field or one named twice.
        """
        texts = [token.text.lower() for token in fields]
        for place, token in enumerate(fields):
            if token.text.lower() in texts[:place]:
                raise SoqlError("INVALID_FIELD", f"duplicate field selected: {token.text}", token.position)
        plain = [self._field(name, token).name for token in fields if "." not in token.text]
        nested: dict[str, list[Token]] = {}
        for token in fields:
            head, _, rest = token.text.partition(".")
            if rest:
                nested.setdefault(head.lower(), []).append(Token("name", rest, token.position))
        parents = [
            (*self._parent(name, tokens[0]._replace(text=head)), self._nested(name, head, tokens)) for head, tokens in nested.items()
        ]
        url = f"/services/data/{self.version}/sobjects/{name}/"

        def record(row: Row) -> Row:
            shaped: Row = {"attributes": {"type": name, "url": url + row["Id"]}}
            shaped |= {field: row.get(field) for field in plain}
            for lookup, target, project in parents:
                parent = self._index(target).get(row.get(lookup.name) or "")
                shaped[lookup.relationship] = project(parent) if parent else None
            return shaped

        return record

    def _nested(self, name: str, head: str, tokens: list[Token]) -> Callable[[Row], Row]:
        _, target = self._parent(name, tokens[0]._replace(text=head))
        return self.projection(target, tuple(tokens))

    def _parent(self, name: str, token: Token) -> tuple[Field, str]:
        lookup = self._schema.lookup(name, token.text)
        if lookup is None:
            about = f"Didn't understand relationship '{token.text}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name."
            raise SoqlError("INVALID_FIELD", f"{about} {_ADVICE}", token.position)
        return lookup, lookup.target

    def _index(self, name: str) -> dict[str, Row]:
        if name not in self._parents:
            self._parents[name] = {row["Id"]: row for row in self.tables[name]}
        return self._parents[name]

    def _field(self, name: str, token: Token) -> Field:
        found = self._schema.fields[name].get(token.text.lower())
        if found is None:
            about = f"No such column '{token.text}' on entity '{name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name."
            raise SoqlError("INVALID_FIELD", f"{about} {_ADVICE}", token.position)
        return found

    def _read(self, name: str, token: Token) -> tuple[Field, Read]:
        head, _, rest = token.text.partition(".")
        if not rest:
            field = self._field(name, token)
            return field, lambda row: row.get(field.name)
        lookup, target = self._parent(name, token._replace(text=head))
        field, inner = self._read(target, token._replace(text=rest))
        return field, lambda row: inner(self._index(target).get(row.get(lookup.name) or "", {}))

    def _candidates(self, name: str, where: Condition | None) -> list[Row]:
        """The rows, in order of id, among which all are that satisfy a condition: those of its window, where it has one."""
        parts = where.parts if isinstance(where, Both) and where.word == "and" else (where,)
        bounds = [part for part in parts if isinstance(part, Comparison) and part.operator in _COMPARE]
        times = [(part, field) for part in bounds if (field := self._plain(name, part.name)) and field.type == "datetime"]
        if not times:
            return self.tables[name]
        field = times[0][1]
        keys, rows = self._in_order(name, field.name)
        first, last = 0, len(keys)
        for part, its in times:
            edge = _value(its, part.values[0], part.name)
            if its != field or edge is None:
                continue
            # One more character sorts behind the time itself.
            place = bisect_left(keys, edge if part.operator in {">=", "<"} else f"{edge}~")
            first, last = (max(first, place), last) if part.operator in {">", ">="} else (first, min(last, place))
        return sorted(rows[first:last], key=itemgetter("Id"))

    def _plain(self, name: str, token: Token) -> Field | None:
        return self._schema.fields[name].get(token.text.lower())

    def _in_order(self, name: str, field: str) -> tuple[list[str], list[Row]]:
        if (name, field) not in self._ordered:
            rows = sorted((row for row in self.tables[name] if row.get(field) is not None), key=itemgetter(field))
            self._ordered[name, field] = [row[field] for row in rows], rows
        return self._ordered[name, field]

    def _sort(self, name: str, rows: list[Row], key: Order) -> None:
        _, read = self._read(name, key.name)
        known = [row for row in rows if read(row) is not None]
        unknown = [row for row in rows if read(row) is None]
        known.sort(key=read, reverse=key.descending)
        rows[:] = unknown + known if key.nulls_first else known + unknown

    def _test(self, name: str, condition: Condition) -> Test:
        if isinstance(condition, Not):
            inner = self._test(name, condition.inner)
            return lambda row: not inner(row)
        if isinstance(condition, Both):
            tests = [self._test(name, part) for part in condition.parts]
            combine = all if condition.word == "and" else any
            return lambda row: combine(test(row) for test in tests)
        return self._comparison(name, condition)

    def _comparison(self, name: str, condition: Comparison) -> Test:
        field, read = self._read(name, condition.name)
        if field.type == "anyType":
            raise SoqlError("INVALID_FIELD", f"field '{field.name}' can not be filtered in a query call", condition.name.position)
        values = [_value(field, literal, condition.name) for literal in condition.values]
        operator, value = condition.operator, values[0]
        if operator in {"in", "not in"}:
            wanted = set(values)
            return lambda row: (_folded(field, read(row)) in wanted) is (operator == "in")
        if operator in {"=", "!="}:
            return lambda row: (_folded(field, read(row)) == value) is (operator == "=")
        if operator == "like":
            pattern = _like(field, condition)
            return lambda row: (text := read(row)) is not None and pattern.fullmatch(text) is not None
        if field.type == "boolean":
            raise SoqlError("INVALID_FIELD", f"invalid operator on boolean field '{field.name}'", condition.name.position)
        compare = _COMPARE[operator]
        return lambda row: (known := _folded(field, read(row))) is not None and value is not None and compare(known, value)


def _folded(field: Field, value: Any) -> Any:
    """Text compares without regard to case; ids are exact."""
    return value.lower() if isinstance(value, str) and field.type not in {"id", "reference", "datetime", "date"} else value


def _like(field: Field, condition: Comparison) -> re.Pattern[str]:
    literal = condition.values[0]
    if literal.kind != "string" or field.type in _NO_TEXT:
        raise SoqlError("INVALID_FIELD", f"invalid operator on {field.type} field '{field.name}'", condition.name.position)
    return re.compile(re.escape(literal.text).replace("%", ".*").replace("_", "."), re.IGNORECASE | re.DOTALL)


def _value(field: Field, literal: Literal, at: Token) -> Any:
    if literal == Literal("name", "null"):
        return None
    expected = _KINDS.get(field.type, "string")
    if literal.kind != expected:
        shape = _SHAPES.get(expected, expected)
        quotes = "should be enclosed in quotes" if expected == "string" else "should not be enclosed in quotes"
        raise SoqlError(
            "INVALID_FIELD", f"value of filter criterion for field '{field.name}' must be of type {shape} and {quotes}", at.position
        )
    if expected == "datetime":
        return clock.iso(clock.parse(literal.text))[:-1] + "+0000"
    if expected in _SCALARS:
        return _SCALARS[expected](literal.text)
    if field.type in {"id", "reference"}:
        return with_checksum(literal.text) if len(literal.text) == 15 else literal.text  # noqa: PLR2004 - both forms of an id are equal
    return literal.text.lower()
