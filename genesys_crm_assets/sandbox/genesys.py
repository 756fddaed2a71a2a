"""Genesys Cloud's doors: token and edge of all of them, and detail jobs, detail queries and aggregates over the sandbox's world.

Answers what the public reference describes, and a vendor-like error to everything else. Not here: what happened (`world.py`), or the
doors beside analytics (`listings.py`, `external_contacts.py`, `adherence.py`).
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import parse_qs

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from genesys_crm_assets.sandbox import aggregates, clock, filters
from genesys_crm_assets.sandbox.adherence import DOWNLOADS, Adherence
from genesys_crm_assets.sandbox.doors import Door, Handler, json_body, licensed
from genesys_crm_assets.sandbox.draft import Body
from genesys_crm_assets.sandbox.external_contacts import ExternalContacts
from genesys_crm_assets.sandbox.identifiers import fixed_uuid
from genesys_crm_assets.sandbox.jobs import Jobs
from genesys_crm_assets.sandbox.limiter import Limiter
from genesys_crm_assets.sandbox.listings import Listings
from genesys_crm_assets.sandbox.plan import Plan
from genesys_crm_assets.sandbox.refusals import Refusal, genesys, invalid_value, json_response
from genesys_crm_assets.sandbox.tellings import Conversation, without_attributes
from genesys_crm_assets.sandbox.world import World

DETAILS = "/api/v2/analytics/conversations"
QUERY_PAGE = 100
QUERY_REACH = 100_000
_ORDERS = ("asc", "desc", "unordered")
_ORDER_BY = ("conversationStart", "conversationEnd", "segmentStart", "segmentEnd")
_PAGINATION = (
    "Pagination may not exceed 100000 results.\n\nTip: When extracting large chunks of data (multiple days/weeks), maximize pagination "
    "performance by querying in smaller intervals. For example, paging through 1am-2am, then 2am-3am, "
)


class Genesys:
    """The organisation at Genesys: tokens, limits and jobs on real time, contents by the content clock."""

    def __init__(self, plan: Plan, world: World, content: clock.ContentClock, monotonic: Callable[[], float]) -> None:
        self._plan, self._world, self._content, self._monotonic = plan, world, content, monotonic
        self.limiter = Limiter(plan.requests_per_minute, monotonic)
        self.jobs = Jobs(plan.job_seconds, plan.job_lifetime, monotonic)
        self._listings = Listings(world.directory, content)
        self._contacts = ExternalContacts(world.book, world.directory, content, monotonic)
        self._adherence = Adherence(plan, world.directory, content, monotonic)
        self.tokens: dict[str, float] = {}
        self._issued = 0
        self._answered = 0

    @property
    def horizon(self) -> int:
        """Up to when the data lake knows everything, epoch milliseconds on a full second."""
        lag = self._plan.lag.total_seconds() * clock.SECOND
        return int(self._content.ms - lag) // clock.SECOND * clock.SECOND

    def app(self) -> Starlette:
        """The application; its two hosts, API and login, are one."""
        doors = [
            Door("POST", f"{DETAILS}/details/jobs", self._submit),
            Door("GET", f"{DETAILS}/details/jobs/availability", self._availability),
            Door("GET", f"{DETAILS}/details/jobs/{{job}}", self._poll),
            Door("DELETE", f"{DETAILS}/details/jobs/{{job}}", self._cancel),
            Door("GET", f"{DETAILS}/details/jobs/{{job}}/results", self._results),
            Door("POST", f"{DETAILS}/details/query", self._query),
            Door("GET", f"{DETAILS}/details", self._several),
            Door("GET", f"{DETAILS}/{{conversation}}/details", self._single),
            Door("POST", f"{DETAILS}/aggregates/query", self._aggregates),
            *self._listings.doors(),
            *self._contacts.doors(),
            *self._adherence.doors(),
        ]
        routes = [Route("/oauth/token", self._edge(self._token), methods=["POST"])]
        routes.append(Route(f"{DOWNLOADS}/{{key}}.json", self._adherence.download, methods=["GET"]))
        routes += [Route(door.path, self._edge(self._guarded(licensed(door, self._plan.absent))), methods=[door.method]) for door in doors]
        unknown = {status: self._edge_error(status) for status in (404, 405)}
        return Starlette(routes=routes, exception_handlers=unknown)

    def _edge(self, handler: Handler) -> Handler:
        async def answered(request: Request) -> Response:
            try:
                response = await handler(request)
            except Refusal as refusal:
                response = refusal.response
            return self._signed(response)

        return answered

    def _edge_error(self, status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def refused(_request: Request, _error: Exception) -> Response:
            return self._signed(genesys(status))

        return refused

    def _signed(self, response: Response) -> Response:
        self._answered += 1
        correlation = fixed_uuid("correlation", self._answered)
        response.headers["ININ-Correlation-Id"] = correlation
        if isinstance(response.body, bytes) and b'"contextId":""' in response.body:
            response.body = response.body.replace(b'"contextId":""', f'"contextId":"{correlation}"'.encode())
            response.headers["Content-Length"] = str(len(response.body))
        return response

    def _guarded(self, handler: Handler) -> Handler:
        async def checked(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not token:
                raise Refusal(genesys(401, "No authentication bearer token specified in authorization header.", "authentication.required"))
            if self.tokens.get(token, -1.0) <= self._monotonic():
                raise Refusal(genesys(401))
            verdict = self.limiter.take(token)
            if not verdict.within:
                raise Refusal(genesys(429, seconds=verdict.reset))
            response = await handler(request)
            response.headers["inin-ratelimit-allowed"] = str(self.limiter.allowed)
            response.headers["inin-ratelimit-count"] = str(verdict.used)
            response.headers["inin-ratelimit-reset"] = str(verdict.reset)
            return response

        return checked

    async def _token(self, request: Request) -> Response:
        client, secret = basic(request)
        grant = parse_qs((await request.body()).decode()).get("grant_type", [""])[0]
        if client != self._plan.genesys_client_id:
            return json_response({"error": "invalid_client", "description": "client not found"}, 400)
        if secret != self._plan.genesys_client_secret:
            return json_response({"error": "invalid_client", "description": "authentication failed"}, 400)
        if grant != "client_credentials":
            return json_response({"error": "unsupported_grant_type", "description": "unsupported grant type"}, 400)
        self._issued += 1
        token = f"{fixed_uuid(self._plan.seed, 'token', self._issued)}-sandbox"
        self.tokens[token] = self._monotonic() + self._plan.token_seconds
        return json_response({"access_token": token, "token_type": "bearer", "expires_in": self._plan.token_seconds})

    async def _submit(self, request: Request) -> Response:
        query = await json_body(request)
        known = self.horizon
        found = self._matching(query, known, same_day=bool(query.get("startOfDayIntervalMatching")))
        wanted = filters.compiled(query)
        tellings = [
            conversation.telling(known)
            for conversation in found
            if wanted is None or (conversation.id and wanted(conversation.record(known)))
        ]
        limit = query.get("limit")
        job = self.jobs.submit(tellings[:limit] if isinstance(limit, int) else tellings, self._available())
        return json_response({"jobId": job.id}, 202)

    def _available(self) -> str:
        return clock.iso(self.horizon).replace(".000Z", "Z")

    async def _availability(self, _request: Request) -> Response:
        return json_response({"dataAvailabilityDate": self._available()})

    async def _poll(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["job"])
        state = self.jobs.state(job)
        submitted = self._content.ms
        body = {"state": state, "submissionDate": clock.iso(submitted)}
        if state not in {"QUEUED", "PENDING"}:
            body["completionDate"] = clock.iso(submitted + int(self.jobs.seconds * clock.SECOND))
            body["expirationDate"] = clock.iso(submitted + int(self.jobs.lifetime * clock.SECOND))
        return json_response(body, 202 if state in {"QUEUED", "PENDING"} else 200)

    async def _cancel(self, request: Request) -> Response:
        self.jobs.get(request.path_params["job"]).deleted = True
        return Response(status_code=204)

    async def _results(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["job"])
        size = request.query_params.get("pageSize", str(self._plan.results_page_size))
        if not size.isdecimal() or int(size) < 1:
            raise Refusal(genesys(400, f"Value [{size}] is not valid for parameter pageSize."))
        body = self.jobs.page(job, request.query_params.get("cursor"), min(int(size), self._plan.results_page_size))
        return Response(body, media_type="application/json")

    async def _query(self, request: Request) -> Response:
        query = await json_body(request)
        number, size = _paging(query)
        known = self._content.ms
        wanted = filters.compiled(query)
        found = [conversation for conversation in self._matching(query, known, same_day=True) if conversation.id]
        if wanted is not None:
            found = [conversation for conversation in found if wanted(conversation.record(known))]
        page = found[(number - 1) * size : number * size]
        body: Body = {"conversations": [without_attributes(conversation.record(known)) for conversation in page]} if page else {}
        return Response(msgspec.json.encode(body | {"totalHits": len(found)}), media_type="application/json")

    async def _single(self, request: Request) -> Response:
        conversation = self._world.by_id.get(request.path_params["conversation"])
        if conversation is None or conversation.start > self._content.ms:
            raise Refusal(genesys(404))
        return Response(msgspec.json.encode(without_attributes(conversation.record(self._content.ms))), media_type="application/json")

    async def _several(self, request: Request) -> Response:
        wanted = [part for value in request.query_params.getlist("id") for part in value.split(",")]
        found = [self._world.by_id[part] for part in wanted if part in self._world.by_id]
        known = self._content.ms
        records = [without_attributes(conversation.record(known)) for conversation in found if conversation.start <= known]
        return Response(msgspec.json.encode({"conversations": records} if records else {}), media_type="application/json")

    async def _aggregates(self, request: Request) -> Response:
        return json_response(aggregates.answer(self._world, await json_body(request), self._content.ms))

    def _matching(self, query: Body, known: int, *, same_day: bool) -> list[Conversation]:
        start, end = self._interval(query)
        order, order_by = query.get("order") or "asc", query.get("orderBy") or "conversationStart"
        if order not in _ORDERS:
            raise invalid_value(order, "QueryOrder", _ORDERS)
        if order_by not in _ORDER_BY:
            raise invalid_value(order_by, "ConversationOrderBy", _ORDER_BY)
        first_day = start // clock.DAY * clock.DAY
        found: Iterator[Conversation] = self._world.active(start, end, known)
        matching = [conversation for conversation in found if not same_day or conversation.start >= first_day]
        if order_by.endswith("End"):
            matching.sort(key=lambda conversation: (conversation.end is None, conversation.end or 0))
        return matching[::-1] if order == "desc" else matching

    def _interval(self, query: Body) -> tuple[int, int]:
        try:
            start, end = clock.interval(str(query["interval"]))
        except KeyError as error:
            raise Refusal(genesys(400, "You must specify a search interval as part of your query")) from error
        except ValueError as error:
            raise Refusal(genesys(400, f"Invalid interval: {error}.", "invalid.date")) from error
        if end - start > self._plan.interval_days * clock.DAY:
            text = f"You must specify a search interval as part of your query that does not exceed {self._plan.interval_days} days"
            raise Refusal(genesys(400, text))
        return start, end


def basic(request: Request) -> tuple[str, str]:
    """Client id and secret of a Basic header; empty where there is none."""
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client, _, secret = base64.b64decode(coded).decode().partition(":")
    except (ValueError, binascii.Error):
        return "", ""
    return client, secret


def _paging(query: Body) -> tuple[int, int]:
    paging = query.get("paging") or {}
    number, size = paging.get("pageNumber", 1), paging.get("pageSize", 25)
    if not isinstance(number, int) or not isinstance(size, int) or number < 1 or not 0 < size <= QUERY_PAGE:
        raise Refusal(genesys(400, f"Page size must be between 1 and {QUERY_PAGE}, page number at least 1."))
    if number * size > QUERY_REACH:
        raise Refusal(genesys(400, _PAGINATION))
    return number, size
