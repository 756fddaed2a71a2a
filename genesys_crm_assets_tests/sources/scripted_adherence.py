"""A Genesys with bulk adherence jobs, whose results lie on another host behind links that are signed, and may expire."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from genesys_crm_assets_tests.sources.scripted_genesys import ScriptedGenesys, complaint

BULK = "/api/v2/workforcemanagement/adherence/historical/bulk"
STORE = "downloads.example.net"


def result(unit: str, *agents: str) -> dict[str, Any]:
    """A result that tells of some agents of a unit."""
    users = [{"userId": agent, "adherencePercentage": 90.0, "conformancePercentage": 95.0, "impact": "Neutral"} for agent in agents]
    return {"managementUnitId": unit, "startDate": "2026-11-19T00:00:00Z", "endDate": "2026-11-20T00:00:00Z", "userResults": users}


@dataclass
class ScriptedAdherence(ScriptedGenesys):
    """Each unit asked for is one result.

    Attributes:
        agents: by management unit.
        looks: times that a job is still at work when it is looked at, the submission included.
        good_for: downloads after which the signatures of that moment are no longer accepted; None for never.
        ends_as: the status of a job that is done.
        store: scheme and host of the links.
        signatures: every signature that was ever told.
    """

    agents: dict[str, list[str]] = field(default_factory=lambda: {"mu-1": ["ann", "bob"], "mu-2": ["cid"]})
    looks: int = 2
    good_for: int | None = None
    ends_as: str = "Complete"
    store: str = f"https://{STORE}"
    signatures: set[str] = field(default_factory=set)
    fetched: list[httpx.Request] = field(default_factory=list)
    jobs: dict[str, list[str]] = field(default_factory=dict)
    _looked: int = 0
    _served: int = 0
    _current: str = ""

    def _route(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/results/"):
            return self._download(request)
        return super()._route(request)

    def _authorised(self, request: httpx.Request, path: str) -> httpx.Response:
        if path == BULK:
            body = json.loads(request.content)
            self.submitted.append(body)
            job = f"job/{len(self.submitted)}"
            self.jobs[job] = [item["managementUnitId"] for item in body["items"]]
            self._looked = 0
            return self._status(job)
        if path.startswith(f"{BULK}/jobs/"):
            job = path.removeprefix(f"{BULK}/jobs/")
            return self._status(job) if job in self.jobs else complaint(404, "not.found", "HTTP 404 Not Found")
        return super()._authorised(request, path)

    def _status(self, job: str) -> httpx.Response:
        self._looked += 1
        about = {"id": job, "selfUri": f"{BULK}/jobs/{job}"}
        if self._looked <= self.looks:
            return httpx.Response(202, json={"job": {**about, "status": "Processing"}, "downloadUrls": []})
        self._served = 0
        self._current = f"SIGNATURE-CANARY/+{len(self.signatures)}"
        self.signatures.add(self._current)
        # Escapes as no client would write them by itself: a signature is over the very bytes.
        folder = f"{job.replace('/', '-')}-{len(self.signatures)}"
        links = [f"{self.store}/results/{folder}/{unit}.json?X-Sign={self._current}%2F%7e&b=" for unit in self.jobs[job]]
        return httpx.Response(200, json={"job": {**about, "status": self.ends_as}, "downloadUrls": links})

    def _download(self, request: httpx.Request) -> httpx.Response:
        self.fetched.append(request)
        if self._current not in str(request.url.raw_path.decode()) or (self.good_for is not None and self._served >= self.good_for):
            return httpx.Response(403, text=f"<Error><StringToSign>{request.url}</StringToSign></Error>")
        self._served += 1
        unit = request.url.path.rpartition("/")[2].removesuffix(".json")
        return httpx.Response(200, json=result(unit, *self.agents[unit]))
