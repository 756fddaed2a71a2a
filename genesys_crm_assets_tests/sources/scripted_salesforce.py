"""A small Salesforce on loopback http: tokens, pages by locator, and a script of faults by path. Real sockets, real simple-salesforce."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from genesys_crm_assets.sources.salesforce import SalesforceOrg
from genesys_crm_assets_tests.sources.scripted_time import Time, limiter

SECRET = "SECRET-CANARY-salesforce"
API = "/services/data/v68.0"
TOKEN = "/services/oauth2/token"


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None  # a Content-Length other than the truth

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def error(status: int, code: str, message: str = "…", **headers: str) -> Reply:
    return Reply(status, [{"message": message, "errorCode": code}], headers)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


def records(*numbers: int) -> list[dict[str, Any]]:
    return [{"attributes": {"type": "Case"}, "Id": f"500{number:015d}"} for number in numbers]


@dataclass
class ScriptedSalesforce:
    url: str = ""
    pages: list[list[dict[str, Any]]] = field(default_factory=lambda: [records(1, 2), records(3)])
    total: int | None = None
    requests: list[Request] = field(default_factory=list)
    script: list[tuple[str, Reply | Callable[[BaseHTTPRequestHandler], None]]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    issued: int = 0
    instance_url: str | None = None
    limit_info: str | None = None
    refresh_tokens: list[str] = field(default_factory=list)
    rotates: bool = False

    def answers(self, path: str, *replies: Reply | Callable[[BaseHTTPRequestHandler], None]) -> "ScriptedSalesforce":
        self.script += [(path, reply) for reply in replies]
        return self

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if path in request.path]

    def reply(self, request: Request) -> Reply | Callable[[BaseHTTPRequestHandler], None]:
        self.requests.append(request)
        for index, (path, reply) in enumerate(self.script):
            if path in request.path:
                del self.script[index]
                return reply
        if request.path == TOKEN:
            return self._token(request)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return self._answer(request)

    def _token(self, request: Request) -> Reply:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        basic = "Basic " + base64.b64encode(f"client-1:{SECRET}".encode()).decode()
        if request.headers.get("Authorization") != basic:
            return Reply(400, {"error": "invalid_client", "error_description": f"invalid client credentials {SECRET}"})
        if form["grant_type"] == "refresh_token" and form["refresh_token"] not in self.refresh_tokens:
            return Reply(400, {"error": "invalid_grant", "error_description": "expired access/refresh token"})
        self.issued += 1
        self.tokens = {f"TOKEN-CANARY-{self.issued}"}
        body = {"access_token": f"TOKEN-CANARY-{self.issued}", "instance_url": self.instance_url or self.url, "token_type": "Bearer"}
        if self.rotates and form["grant_type"] == "refresh_token":
            self.refresh_tokens = [f"REFRESH-CANARY-{self.issued}"]
            body["refresh_token"] = self.refresh_tokens[0]
        return Reply(200, body)

    def _answer(self, request: Request) -> Reply:
        headers = {"Sforce-Limit-Info": self.limit_info} if self.limit_info else {}
        if "/updated/" in request.path:
            return Reply(200, {"ids": [], "latestDateCovered": "2026-11-20T11:58:00.000+0000"}, headers)
        if request.path.endswith("/describe"):
            return Reply(200, {"name": "Case", "fields": [{"name": "Id", "type": "id"}]}, headers)
        if request.path.endswith("/limits/"):
            return Reply(200, {"DailyApiRequests": {"Max": 100, "Remaining": 60}}, headers)
        soql = request.query.get("q", [""])[0]
        total = sum(map(len, self.pages)) if self.total is None else self.total
        if soql.startswith("SELECT COUNT()"):
            return Reply(200, {"totalSize": total, "done": True, "records": []}, headers)
        index = int(request.path.rpartition("-")[2]) if "/query/01g" in request.path else 0
        body = {"totalSize": total, "done": index + 1 == len(self.pages), "records": self.pages[index]}
        if not body["done"]:
            body["nextRecordsUrl"] = f"{API}/query/01gD0000002HU6KIAW-{index + 1}"
        return Reply(200, body, headers)


@contextmanager
def served(vendor: ScriptedSalesforce) -> Iterator[ScriptedSalesforce]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet: two of them would wait 40 ms for each other.
        wbufsize = -1

        def _any(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, parts.path, parse_qs(parts.query), dict(self.headers), body)
            reply = vendor.reply(request)
            if not isinstance(reply, Reply):
                self.close_connection = True
                reply(self)
                return
            content = reply.content
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content) if reply.promised is None else reply.promised))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = reply.promised is not None

        do_GET = do_POST = _any  # noqa: N815 — the names http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    vendor.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield vendor
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def client(time: Time, vendor: ScriptedSalesforce, folder: Path, *, monotonic: Callable[[], float] | None = None, **changes: Any):
    settings = {
        "url": vendor.url,
        "client_id": "client-1",
        "client_secret": SECRET,
        "version": "68.0",
        "limiter": limiter(time, folder),
        "clock": time.clock,
        "sleep": time.sleep,
        "monotonic": monotonic or time.monotonic,
        "random": lambda: 0.5,
        "daily_share": 0.5,
    }
    return SalesforceOrg(**settings | changes)
