"""A small Genesys behind httpx's transport: tokens, jobs, pages, and a script of faults by path."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

from genesys_crm_assets_tests.sources.scripted_time import Time

SECRET = "SECRET-CANARY-genesys"
JOBS = "/api/v2/analytics/conversations/details/jobs"
QUERY = "/api/v2/analytics/conversations/details/query"
AGGREGATES = "/api/v2/analytics/conversations/aggregates/query"

Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


def complaint(status: int, code: str, message: str = "…", **headers: str) -> httpx.Response:
    body = {"message": message, "code": code, "status": status, "contextId": "context-1", "details": [], "errors": []}
    return httpx.Response(status, json=body, headers=headers)


def too_many(retry_after: str | None) -> httpx.Response:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return complaint(429, "too.many.requests.retry.after", "Rate limit exceeded the maximum. Retry the request in [42] seconds", **headers)


def conversations(*numbers: int) -> list[dict[str, Any]]:
    return [{"conversationId": f"c-{number}", "conversationStart": "2026-11-19T08:00:00.000Z", "participants": []} for number in numbers]


@dataclass
class ScriptedGenesys:
    time: Time
    pages: list[list[dict[str, Any]]] = field(default_factory=lambda: [conversations(1, 2), conversations(3)])
    states: list[str] = field(default_factory=lambda: ["QUEUED", "PENDING", "FULFILLED"])
    token_answers: list[Any] = field(default_factory=list)
    expires_in: Any = 86399
    requests: list[httpx.Request] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    script: list[tuple[str, Reply]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    issued: int = 0
    submitted: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    polls: int = 0
    total_hits: int | None = None

    def answers(self, path: str, *replies: Reply) -> "ScriptedGenesys":
        """The next requests whose path ends so get these, each once."""
        self.script += [(path, reply) for reply in replies]
        return self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.arrivals.append(self.time.wall())
        for index, (path, reply) in enumerate(self.script):
            if request.url.path.endswith(path):
                del self.script[index]
                if isinstance(reply, Exception):
                    raise reply
                return reply(request) if callable(reply) else reply
        return self._route(request)

    def asked(self, path: str) -> list[httpx.Request]:
        return [request for request in self.requests if request.url.path.endswith(path)]

    def revoke(self) -> None:
        self.tokens.clear()

    def _route(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return self._token(request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return complaint(401, "bad.credentials", "Invalid login credentials.")
        return self._authorised(request, request.url.path)

    def _authorised(self, request: httpx.Request, path: str) -> httpx.Response:
        if path == f"{JOBS}/availability":
            return httpx.Response(200, json={"dataAvailabilityDate": "2026-11-20T04:10:03Z"})
        if path == JOBS:
            self.submitted.append(json.loads(request.content))
            return httpx.Response(202, json={"jobId": f"job-{len(self.submitted)}"})
        if path.startswith(JOBS):
            return self._job(request, path)
        if path == QUERY:
            return self._query(json.loads(request.content)["paging"]["pageNumber"])
        if path == AGGREGATES:
            return httpx.Response(200, json={"results": [{"group": {"mediaType": "voice"}, "data": []}]})
        return complaint(404, "not.found", "HTTP 404 Not Found")

    def _token(self, request: httpx.Request) -> httpx.Response:
        if self.token_answers:
            return self.token_answers.pop(0)
        expected = "Basic " + base64.b64encode(f"client-1:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != expected:
            return httpx.Response(400, json={"error": "invalid_client", "description": f"authentication failed {SECRET}"})
        assert request.content == b"grant_type=client_credentials"
        self.issued += 1
        token = f"TOKEN-CANARY-{self.issued}"
        self.tokens = {token}
        body = {"access_token": token, "token_type": "bearer"}
        return httpx.Response(200, json=body if self.expires_in is None else body | {"expires_in": self.expires_in})

    def _job(self, request: httpx.Request, path: str) -> httpx.Response:
        if request.method == "DELETE":
            self.deleted.append(path.rpartition("/")[2])
            return httpx.Response(204)
        if not path.endswith("/results"):
            state = self.states[min(self.polls, len(self.states) - 1)]
            self.polls += 1
            body = {"state": state} | ({"errorMessage": "no capacity for anna@example.com"} if state == "FAILED" else {})
            return httpx.Response(202 if state in {"QUEUED", "PENDING"} else 200, json=body)
        query = parse_qs(request.url.query.decode())
        index = int(unquote(query["cursor"][0]).removeprefix("cursor/+=")) if "cursor" in query else 0
        body = {"conversations": self.pages[index], "dataAvailabilityDate": "2026-11-20T04:10:03Z"}
        return httpx.Response(200, json=body | ({"cursor": f"cursor/+={index + 1}"} if index + 1 < len(self.pages) else {}))

    def _query(self, number: int) -> httpx.Response:
        page = self.pages[number - 1] if number <= len(self.pages) else []
        total = sum(map(len, self.pages)) if self.total_hits is None else self.total_hits
        return httpx.Response(200, json={"conversations": page, "totalHits": total} if page else {"totalHits": total, "conversations": []})
