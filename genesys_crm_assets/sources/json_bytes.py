"""JSON too odd for the fast decoder, handled as bytes: values nested thousands deep, halves of surrogate pairs, numbers without end.

Vendors have sent all of these, and one odd record must not take its page with it (F-60, F-62), neither where pages are read nor where
they are split. Slow; called only where the fast way refuses. Not here: what the values mean.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},:]', re.DOTALL)
_DEEPEST = 48
"""Deeper than any field that staging reads, far below where parsers give up."""
_LONGEST_INTEGER = 20
"""Digits and sign of the longest integer of 64 bits."""


def elements(body: bytes, name: str) -> list[bytes]:
    """The elements of the array under a name of the outermost object, as the bytes they were told in; none where there is no array.

    Raises `ValueError` where brackets do not close.
    """
    return [body[start:end] for start, end in _spans(body, name)]


def hollow(body: bytes, name: str) -> bytes:
    """The body with null for each of these elements: what it says of itself, for a strict decoder to judge.

    Raises `ValueError` where an element is no JSON, so that damage is not taken for oddity.
    """
    pieces, kept = [], 0
    for start, end in _spans(body, name):
        value(body[start:end])
        pieces += [body[kept:start], b"null"]
        kept = end
    return b"".join([*pieces, body[kept:]])


def value(record: bytes) -> Any:
    """What a record says, as plain Python; raises `ValueError` where it is no JSON.

    Bytes that are no UTF-8 become U+FFFD, integers that no table could hold become floats, and whatever lies deeper than any field that
    staging reads becomes null.
    """
    text = record.decode("utf-8", errors="replace")
    try:
        return _parsed(text)
    except RecursionError:
        return _parsed(b"".join(_shallow(text.encode())).decode())


def storable(text: str) -> str:
    """The text with halves of surrogate pairs as U+FFFD, since no table can hold them; everything else as it is."""
    return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")


def _spans(body: bytes, name: str) -> list[tuple[int, int]]:
    """Where the elements begin and end."""
    wanted, depth, start, key, within = json.dumps(name).encode(), 0, -1, b"", False
    found: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(body):
        sign = token.group()
        if depth == 1 and sign[:1] == b'"':
            key = sign
        if sign in b"[{":
            depth += 1
            if depth == 2 and sign == b"[" and key == wanted:  # noqa: PLR2004 - the array right inside the object
                within, start, found = True, token.end(), []
        elif sign in b"]}":
            depth -= 1
        if within and (depth == 1 or (depth == 2 and sign == b",")):  # noqa: PLR2004 - likewise
            found.append(_stripped(body, start, token.start()))
            within, start = depth > 1, token.end()
    if depth:
        raise ValueError("the brackets do not close")
    return [(start, end) for start, end in found if start < end]


def _stripped(body: bytes, start: int, end: int) -> tuple[int, int]:
    element = body[start:end]
    return end - len(element.lstrip()), end - len(element) + len(element.rstrip())


def _parsed(text: str) -> Any:
    return json.loads(text, parse_int=_integer, parse_constant=_refuse)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _shallow(record: bytes) -> Iterator[bytes]:
    """The record with every container below the deepest level replaced by null."""
    depth, kept = 0, 0
    for token in _TOKEN.finditer(record):
        sign = token.group()
        if sign in b"[{":
            depth += 1
            if depth == _DEEPEST:
                yield record[kept : token.start()]
                yield b"null"
        elif sign in b"]}":
            if depth == _DEEPEST:
                kept = token.end()
            depth -= 1
    yield record[kept:]
