"""SOQL as an extraction sends it: read into a tree, or refused the way Salesforce refuses.

SELECT fields, parents' fields or a count, FROM, WHERE with and, or, not, comparisons, LIKE and IN, ORDER BY, LIMIT, OFFSET. Sub-queries,
groups, functions and date literals such as LAST_N_DAYS are not spoken here. Not here: rows (`rows.py`).
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>'(?:[^'\\]|\\.)*')
    |(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    |(?P<date>\d{4}-\d\d-\d\d)(?![\w:])
    |(?P<number>[+-]?\d+(?:\.\d+)?)(?![\w:-])
    |(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_COMPARISONS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_WORDS = frozenset(
    {"select", "from", "where", "and", "or", "not", "like", "in", "order", "by", "limit", "offset", "asc", "desc", "nulls", "first", "last"}
)


class SoqlError(Exception):
    """A query that Salesforce would not run: its error code and where in the text."""

    def __init__(self, code: str, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.position = code, message, position


class Token(NamedTuple):
    """A piece of the text: what kind, its text, where it begins."""

    kind: str
    text: str
    position: int


class Literal(NamedTuple):
    """A value as written: what kind (string, datetime, date, number, name for null and booleans) and its text without quotes."""

    kind: str
    text: str


@dataclass(frozen=True)
class Comparison:
    """One condition; `operator` is a sign, LIKE, IN or NOT IN."""

    name: Token
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    inner: "Condition"


@dataclass(frozen=True)
class Both:
    """Conditions joined by one word, `and` or `or`."""

    word: str
    parts: tuple["Condition", ...]


Condition = Comparison | Not | Both


class Order(NamedTuple):
    """One key of the order; `nulls_first` as asked for, nulls come first where nothing is."""

    name: Token
    descending: bool
    nulls_first: bool


@dataclass(frozen=True)
class Select:
    """A query. `count` is None for rows, empty for COUNT(), else the field of COUNT(field)."""

    table: Token
    fields: tuple[Token, ...] = ()
    count: str | None = None
    where: Condition | None = None
    order: tuple[Order, ...] = field(default=())
    limit: int | None = None
    offset: int = 0


def parse(text: str) -> Select:
    """The tree of a query.

    Raises:
        SoqlError: MALFORMED_QUERY.
    """
    return _Parser(_tokens(text)).select()


def _tokens(text: str) -> list[Token]:
    tokens, position = [], 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{text[start:].split(maxsplit=1)[0]}'", start)
        tokens.append(Token(found.lastgroup, found.group(found.lastgroup), found.start(found.lastgroup)))
        position = found.end()
    return [*tokens, Token("end", "<EOF>", len(text))]


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _is(self, *words: str) -> bool:
        ahead = self._tokens[self._at : self._at + len(words)]
        return [token.text.lower() if token.kind in {"name", "sign"} else "" for token in ahead] == list(words)

    def _take(self, *words: str) -> bool:
        if not self._is(*words):
            return False
        self._at += len(words)
        return True

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _fail(self, token: Token) -> SoqlError:
        return SoqlError("MALFORMED_QUERY", f"unexpected token: '{token.text}'", token.position)

    def _expect(self, *words: str) -> None:
        if not self._take(*words):
            raise self._fail(self._peek())

    def _name(self) -> Token:
        token = self._next()
        if token.kind != "name" or token.text.lower() in _WORDS:
            raise self._fail(token)
        return token

    def _integer(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.text.isdecimal():
            raise self._fail(token)
        return int(token.text)

    def select(self) -> Select:
        self._expect("select")
        fields, count = self._selection()
        self._expect("from")
        table = self._name()
        where = self._condition() if self._take("where") else None
        order = self._order() if self._take("order", "by") else ()
        limit = self._integer() if self._take("limit") else None
        offset = self._integer() if self._take("offset") else 0
        if self._peek().kind != "end":
            raise self._fail(self._peek())
        return Select(table, fields, count, where, order, limit, offset)

    def _selection(self) -> tuple[tuple[Token, ...], str | None]:
        if self._is("count", "("):
            self._expect("count", "(")
            counted = "" if self._is(")") else self._name().text
            self._expect(")")
            return (), counted
        fields = [self._name()]
        while self._take(","):
            fields.append(self._name())
        return tuple(fields), None

    def _condition(self) -> Condition:
        first = self._single()
        word = "and" if self._is("and") else "or" if self._is("or") else ""
        if not word:
            return first
        parts = [first]
        # Salesforce refuses `a AND b OR c` without parentheses: the other word is left standing and read as unexpected.
        while self._take(word):
            parts.append(self._single())
        if self._is("and") or self._is("or"):
            raise self._fail(self._peek())
        return Both(word, tuple(parts))

    def _single(self) -> Condition:
        if self._take("not"):
            return Not(self._single())
        if self._take("("):
            inner = self._condition()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Comparison:
        name = self._name()
        token = self._next()
        word = token.text.lower()
        if token.kind == "sign" and token.text in _COMPARISONS:
            return Comparison(name, "!=" if word == "<>" else word, (self._literal(),))
        if word == "like":
            return Comparison(name, "like", (self._literal(),))
        if word == "not" and self._take("in"):
            return Comparison(name, "not in", self._list())
        if word == "in":
            return Comparison(name, "in", self._list())
        raise self._fail(token)

    def _list(self) -> tuple[Literal, ...]:
        self._expect("(")
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._expect(")")
        return tuple(values)

    def _literal(self) -> Literal:
        token = self._next()
        if token.kind == "string":
            return Literal("string", re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), token.text[1:-1]))
        if token.kind in {"datetime", "date", "number"}:
            return Literal(token.kind, token.text)
        if token.kind == "name" and token.text.lower() in {"null", "true", "false"}:
            return Literal("name", token.text.lower())
        raise self._fail(token)

    def _order(self) -> tuple[Order, ...]:
        keys = [self._order_key()]
        while self._take(","):
            keys.append(self._order_key())
        return tuple(keys)

    def _order_key(self) -> Order:
        name = self._name()
        descending = self._take("desc")
        if not descending:
            self._take("asc")
        nulls_last = self._take("nulls", "last")
        if not nulls_last:
            self._take("nulls", "first")
        return Order(name, descending, not nulls_last)
