"""Salesforce's doors: token, query and queryAll with their continuations, describe, limits, updated, over the sandbox's CRM.

Errors are arrays; what stands in front of the org answers in HTML. Not here: SOQL (`soql.py`, `rows.py`), or what happened (`world.py`).
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from genesys_crm_assets.sandbox import clock, soql
from genesys_crm_assets.sandbox.describe import Schema
from genesys_crm_assets.sandbox.genesys import basic
from genesys_crm_assets.sandbox.identifiers import chance, dice, fixed_uuid, salesforce_id
from genesys_crm_assets.sandbox.plan import Plan
from genesys_crm_assets.sandbox.records import Row
from genesys_crm_assets.sandbox.refusals import Refusal, html, json_response, salesforce
from genesys_crm_assets.sandbox.rows import Reader
from genesys_crm_assets.sandbox.world import World

URI_BYTES = 16_384
SMALLEST_PAGE = 200
# Transactions still under way: what `updated` may not yet vouch for.
UNCOMMITTED = 90 * clock.SECOND
UPDATED_DAYS = 30
OLDEST_VERSION, NEWEST_VERSION = 31, 68
_VERSION = re.compile(r"v(\d\d)\.0")

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A result as it stood when it was asked for."""

    locator: str
    rows: list[Row]
    project: Callable[[Row], Row]
    size: int


class Salesforce:
    """The org: sessions and allocation on real time, contents by the content clock."""

    def __init__(self, plan: Plan, world: World, content: clock.ContentClock, monotonic: Callable[[], float]) -> None:
        self._plan, self._world, self._content, self._monotonic = plan, world, content, monotonic
        self.sessions: dict[str, float] = {}
        self._schema = Schema.of(hidden=plan.hidden, retyped=plan.retyped, added=plan.added, absent=plan.absent)
        self._reader = Reader({}, "")
        self._cursors: dict[str, Cursor] = {}
        self._asked = 0
        self._issued = 0
        self.used = 0

    def app(self) -> Starlette:
        """The application; login host and instance are one."""
        base = "/services/data/{version}"
        doors: list[tuple[str, Handler]] = [
            ("/query", self._query),
            ("/queryAll", self._query),
            ("/query/{locator}", self._more),
            ("/limits", self._limits),
            ("/sobjects/{object}/describe", self._describe),
            ("/sobjects/{object}/updated", self._updated),
        ]
        routes = [Route("/services/oauth2/token", self._edge(self._token), methods=["POST"])]
        for path, handler in doors:
            endpoint = self._edge(self._guarded(handler))
            # With and without the slash: simple-salesforce sends one, others do not.
            routes += [Route(f"{base}{path}{slash}", endpoint, methods=["GET"]) for slash in ("/", "")]
        return Starlette(routes=routes, exception_handlers={404: _not_found, 405: _not_allowed})

    def _edge(self, handler: Handler) -> Handler:
        async def answered(request: Request) -> Response:
            target = len(request.scope["raw_path"]) + len(request.scope["query_string"]) + 1
            headers = sum(len(name) + len(value) + 4 for name, value in request.scope["headers"])
            if target > URI_BYTES:
                return html(414)
            if target + headers > URI_BYTES:
                return html(431)
            try:
                return await handler(request)
            except Refusal as refusal:
                return refusal.response

        return answered

    def _guarded(self, handler: Handler) -> Handler:
        async def checked(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            now = self._monotonic()
            if scheme.lower() not in {"bearer", "oauth"} or now - self.sessions.get(token, now - 1e9) > self._plan.session_idle_seconds:
                self.sessions.pop(token, None)
                raise Refusal(salesforce(401))
            self.sessions[token] = now
            _check_version(request.path_params["version"])
            if self.used >= self._plan.daily_requests:
                raise Refusal(salesforce(403))
            self.used += 1
            response = await handler(request)
            response.headers["Sforce-Limit-Info"] = f"api-usage={self.used}/{self._plan.daily_requests}"
            return response

        return checked

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        client, secret = basic(request)
        client, secret = client or form.get("client_id", ""), secret or form.get("client_secret", "")
        grant = form.get("grant_type", "")
        if client != self._plan.salesforce_client_id:
            return _denied("invalid_client_id", "client identifier invalid")
        if secret != self._plan.salesforce_client_secret:
            return _denied("invalid_client", "invalid client credentials")
        if grant not in {"client_credentials", "refresh_token"}:
            return _denied("unsupported_grant_type", "grant type not supported")
        if grant == "refresh_token" and form.get("refresh_token") != self._plan.salesforce_refresh_token:
            return _denied("invalid_grant", "expired access/refresh token")
        self._issued += 1
        org, user = salesforce_id("00D", self._plan.seed), salesforce_id("005", self._plan.seed, "integration")
        token = f"{org[:15]}!{fixed_uuid(self._plan.seed, 'session', self._issued)}"
        self.sessions[token] = self._monotonic()
        instance = f"https://{request.headers['host']}"
        body = {"access_token": token, "signature": fixed_uuid(token), "scope": "api", "instance_url": instance}
        return json_response(body | {"id": f"{instance}/id/{org}/{user}", "token_type": "Bearer", "issued_at": str(self._content.ms)})

    async def _query(self, request: Request) -> Response:
        text = request.query_params.get("q", "")
        version = request.path_params["version"]
        deleted = "/queryAll" in request.url.path
        try:
            select = soql.parse(text)
            reader = self._reading(version)
            name, rows = reader.rows(select, deleted=deleted)
            if select.count is not None:
                return _counted(select.count, reader, name, rows)
            project = reader.projection(name, select.fields)
        except soql.SoqlError as error:
            raise Refusal(salesforce(400, _pointing(text, error), error.code)) from error
        locator = salesforce_id("01g", self._plan.seed, "cursor", self._asked)
        self._asked += 1
        return self._page(Cursor(locator, rows, project, self._wished(request)), 0, version)

    def _reading(self, version: str) -> Reader:
        """The reader of this moment's tables: one for all queries of a moment, since it keeps what it put in order."""
        tables = self._world.tables(self._content.ms)
        if self._reader.tables is not tables or self._reader.version != version:
            self._reader = Reader(tables, version, self._schema)
        return self._reader

    def _wished(self, request: Request) -> int:
        options = request.headers.get("sforce-query-options", "")
        found = re.search(r"batchSize\s*=\s*(\d+)", options)
        wish = int(found[1]) if found else self._plan.query_page_size
        return max(min(SMALLEST_PAGE, self._plan.query_page_size), min(wish, self._plan.query_page_size))

    def _page(self, cursor: Cursor, offset: int, version: str) -> Response:
        rng = dice(self._plan.seed, cursor.locator, offset)
        # The size is the server's will: every third page is shorter than asked for.
        size = rng.randrange(max(1, cursor.size // 2), cursor.size + 1) if chance(rng, 0.3) else cursor.size
        last = offset + size
        body: dict[str, Any] = {"totalSize": len(cursor.rows), "done": last >= len(cursor.rows)}
        if last < len(cursor.rows):
            # A result that fits its first page is never asked for again.
            self._cursors[cursor.locator] = cursor
            body["nextRecordsUrl"] = f"/services/data/{version}/query/{cursor.locator}-{last}"
        body["records"] = [cursor.project(row) for row in cursor.rows[offset:last]]
        return Response(msgspec.json.encode(body), media_type="application/json")

    async def _more(self, request: Request) -> Response:
        locator, _, offset = request.path_params["locator"].rpartition("-")
        if locator not in self._cursors or not offset.isdecimal() or int(offset) >= len(self._cursors[locator].rows):
            raise Refusal(salesforce(400, "invalid query locator", "INVALID_QUERY_LOCATOR"))
        return self._page(self._cursors[locator], int(offset), request.path_params["version"])

    async def _limits(self, _request: Request) -> Response:
        daily = {"Max": self._plan.daily_requests, "Remaining": self._plan.daily_requests - self.used}
        bulk = {
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
            "DailyBulkV2QueryFileStorageMB": {"Max": 976_562, "Remaining": 976_562},
        }
        return json_response({"DailyApiRequests": daily, "ConcurrentSyncReportRuns": {"Max": 20, "Remaining": 20}} | bulk)

    async def _describe(self, request: Request) -> Response:
        return json_response(self._schema.describe(self._object(request), request.path_params["version"]))

    async def _updated(self, request: Request) -> Response:
        name = self._object(request)
        start, end = (self._minute(request.query_params.get(bound, "")) for bound in ("start", "end"))
        if start >= end or start < self._content.ms - UPDATED_DAYS * clock.DAY:
            raise Refusal(
                salesforce(400, "startDate before org replication enabled date, or not before endDate", "INVALID_REPLICATION_DATE")
            )
        stamp = "SystemModstamp" if "systemmodstamp" in self._schema.fields[name] else "CreatedDate"
        first, last = _told(start), _told(end)
        ids = [row["Id"] for row in self._world.tables(self._content.ms)[name] if first <= row[stamp] < last and not row.get("IsDeleted")]
        covered = min(end, (self._content.ms - UNCOMMITTED) // clock.MINUTE * clock.MINUTE)
        return json_response({"ids": ids, "latestDateCovered": _told(covered)})

    def _object(self, request: Request) -> str:
        name = self._schema.object(request.path_params["object"])
        if name is None:
            raise Refusal(salesforce(404))
        return name

    @staticmethod
    def _minute(text: str) -> int:
        """A time given in a URL; seconds are ignored, and a `+` that was not encoded has become a blank."""
        try:
            return clock.parse(text.replace(" ", "+")) // clock.MINUTE * clock.MINUTE
        except ValueError as error:
            raise Refusal(salesforce(400, f"invalid date: {text}", "INVALID_FIELD")) from error


def _told(ms: int) -> str:
    return clock.crm(ms // clock.SECOND)


def _denied(error: str, description: str) -> Response:
    return json_response({"error": error, "error_description": description}, 400)


def _check_version(text: str) -> None:
    found = _VERSION.fullmatch(text)
    if found is None or int(found[1]) > NEWEST_VERSION:
        raise Refusal(salesforce(404))
    if int(found[1]) < OLDEST_VERSION:
        raise Refusal(html(410))


def _counted(counted: str, reader: Reader, name: str, rows: list[Row]) -> Response:
    if not counted:
        return json_response({"totalSize": len(rows), "done": True, "records": []})
    project = reader.projection(name, (soql.Token("name", counted, 0),))
    values = [next(value for key, value in project(row).items() if key != "attributes") for row in rows]
    record = {"attributes": {"type": "AggregateResult"}, "expr0": sum(value is not None for value in values)}
    return json_response({"totalSize": 1, "done": True, "records": [record]})


def _pointing(text: str, error: soql.SoqlError) -> str:
    """Salesforce's message: the place in the text, a pointer under it, row and column, then what is wrong."""
    if error.position is None or error.code == "MALFORMED_QUERY":
        return error.message
    before = text[: error.position]
    row, column = before.count("\n") + 1, error.position - before.rfind("\n")
    around = text[max(0, error.position - 25) : error.position + 40].replace("\n", " ")
    return f"\n{around}\n{' ' * min(25, error.position)}^\nERROR at Row:{row}:Column:{column}\n{error.message}"


async def _not_found(_request: Request, _error: Exception) -> Response:
    return salesforce(404)


async def _not_allowed(_request: Request, _error: Exception) -> Response:
    return salesforce(405, "HTTP Method not allowed. Allowed are HEAD,GET", "METHOD_NOT_ALLOWED")
