"""Scripted faults and the record of requests: what stands between the wire and both applications.

A rule says which requests it means (`match`) and what happens to them (`do`); the first rule that applies to a request has it, and later
rules do not count it. Not here: the vendors' own limits.
"""

import asyncio
import hashlib
import json
import re
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genesys_crm_assets.sandbox import refusals

_MATCH = frozenset({"vendor", "method", "path", "nth", "every", "times"})
_DO = frozenset({"status", "retry_after", "body", "headers", "reset", "delay", "cut"})


# Until the server has noticed that the connection is gone: otherwise it complains of an answer that never came.
FAREWELL = 0.02


class Seen(NamedTuple):
    """One request as it arrived: real time in seconds (monotonic), and who asked, as scheme and a digest that tells two secrets apart."""

    vendor: str
    method: str
    path: str
    at: float
    authorization: str
    status: int


@dataclass
class Rule:
    """Which requests, and what happens to them; counts the requests it matched."""

    match: dict[str, Any]
    do: dict[str, Any]
    matched: int = 0
    fired: int = 0

    def applies(self, vendor: str, method: str, target: str) -> bool:
        """Whether this request is meant; `target` is path and query."""
        match = self.match
        if match.get("vendor", vendor) != vendor or match.get("method", method) != method or not re.search(match.get("path", ""), target):
            return False
        self.matched += 1
        if self.fired >= match.get("times", self.matched):
            return False
        if self.matched != match.get("nth", self.matched) or self.matched % match.get("every", 1):
            return False
        self.fired += 1
        return True


def load(path: Path | None) -> list[Rule]:
    """The rules of a file; none without one.

    Raises:
        ValueError: the file is not a list of rules with known words.
    """
    entries = json.loads(path.read_text()) if path else []
    rules = []
    for entry in entries if isinstance(entries, list) else [entries]:
        match, do = (entry.get("match", {}), entry.get("do", {})) if isinstance(entry, dict) else ({}, {})
        if not do or not isinstance(match, dict) or (unknown := (match.keys() - _MATCH) | (do.keys() - _DO)):
            raise ValueError(
                f"fault rule not understood ({', '.join(sorted(unknown)) if do else 'no do'}): use match {sorted(_MATCH)} and do {sorted(_DO)}"
            )
        rules.append(Rule(match, do))
    return rules


@dataclass
class Gate:
    """An application's outermost part: records every request and lets the rules at it."""

    app: ASGIApp
    vendor: str
    rules: list[Rule]
    monotonic: Callable[[], float]
    seen: list[Seen] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        arrived, status = self.monotonic(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        target = scope["path"] + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
        rule = next((rule for rule in self.rules if rule.applies(self.vendor, scope["method"], target)), None)
        try:
            await self._answer(rule, (scope, receive, noted), send)
        finally:
            self.seen.append(Seen(self.vendor, scope["method"], scope["path"], arrived, _who(scope), status))

    async def _answer(self, rule: Rule | None, call: tuple[Scope, Receive, Send], wire: Send) -> None:
        scope, receive, send = call
        do = rule.do if rule else {}
        if "delay" in do:
            await asyncio.sleep(do["delay"])
        if do.get("reset"):
            await _reset(wire)
        elif "status" in do:
            await _scripted(self.vendor, do)(scope, receive, send)
        elif "cut" in do:
            await _cut(self.app, call, wire, do["cut"])
        else:
            await self.app(scope, receive, send)


def _who(scope: Scope) -> str:
    header = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), "")
    scheme, _, secret = header.partition(" ")
    return f"{scheme} {hashlib.sha256(secret.encode()).hexdigest()[:8]}" if secret else ""


def _scripted(vendor: str, do: dict[str, Any]) -> Response:
    status, body = int(do["status"]), do.get("body")
    if body is None:
        response = refusals.genesys(status, seconds=0) if vendor == "genesys" else refusals.salesforce(status)
        if vendor == "genesys" and "retry_after" in do:
            response = refusals.genesys(status, seconds=do["retry_after"])
    else:
        response = Response(body, status, media_type="text/html") if isinstance(body, str) else refusals.json_response(body, status)
    if "retry-after" in response.headers:
        del response.headers["retry-after"]
    if "retry_after" in do:
        response.headers["Retry-After"] = str(do["retry_after"])
    for name, value in do.get("headers", {}).items():
        response.headers[name] = str(value)
    return response


def _transport(send: Send) -> asyncio.Transport:
    # ASGI has no word for breaking a connection; uvicorn's send is bound to the cycle that owns it.
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]  # uvicorn's own
    return transport


async def _reset(send: Send) -> None:
    transport = _transport(send)
    # Lingering for no time makes the kernel say RST and not FIN.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await asyncio.sleep(FAREWELL)


async def _cut(app: ASGIApp, call: tuple[Scope, Receive, Send], wire: Send, fraction: float) -> None:
    scope, receive, send = call
    whole: list[Message] = []

    async def kept(message: Message) -> None:
        whole.append(message)

    await app(scope, receive, kept)
    body = b"".join(message.get("body", b"") for message in whole)
    await send(whole[0])
    await send({"type": "http.response.body", "body": body[: int(len(body) * fraction)], "more_body": True})
    _transport(wire).close()
    await asyncio.sleep(FAREWELL)
