"""The doors to schedule adherence: a job for several management units, and the signed links its results are fetched by.

The links lead to another host than the one they were told by, as far as loopback has two names; that host wants no token, and refuses
one. Not here: the figures (`shifts.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from genesys_crm_assets.sandbox import clock, shifts
from genesys_crm_assets.sandbox.directory import Directory
from genesys_crm_assets.sandbox.doors import Door, json_body
from genesys_crm_assets.sandbox.draft import Body
from genesys_crm_assets.sandbox.identifiers import fixed_uuid
from genesys_crm_assets.sandbox.plan import Plan
from genesys_crm_assets.sandbox.refusals import Refusal, genesys, json_response, storage

BULK = "/api/v2/workforcemanagement/adherence/historical/bulk"
DOWNLOADS = "/adherence-results"
_VIEW = ("wfm:historicalAdherence:view",)
_SOURCES = ("adherence",)
_LONGEST = 31 * clock.DAY
_NAMES = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


@dataclass(slots=True)
class Job:
    """A job: one result for each item, as known at submission, and when that was (real time, seconds)."""

    id: str
    results: list[Body]
    submitted: float


class Item(NamedTuple):
    """What is asked of one management unit; times in epoch milliseconds, an empty `users` means all."""

    unit: str
    start: int
    end: int
    users: tuple[str, ...]


class Signed(NamedTuple):
    """A link that was handed out: to which host, with which signature, until when (real time, seconds)."""

    host: str
    signature: str
    until: float
    result: Body


class Adherence:
    """Jobs and links on real time, results by the content clock."""

    def __init__(self, plan: Plan, directory: Directory, content: clock.ContentClock, monotonic: Callable[[], float]) -> None:
        self._plan, self._directory, self._content, self._monotonic = plan, directory, content, monotonic
        self._jobs: dict[str, Job] = {}
        self._signed: dict[str, Signed] = {}

    def doors(self) -> list[Door]:
        """Those of the API; the downloads are no door of it."""
        return [Door("POST", BULK, self._submit, _VIEW, _SOURCES), Door("GET", f"{BULK}/jobs/{{job}}", self._poll, _VIEW, _SOURCES)]

    async def _submit(self, request: Request) -> Response:
        query = await json_body(request)
        items = query.get("items")
        if not isinstance(items, list) or not items:
            raise Refusal(genesys(400, "items must not be empty."))
        results = [self._result(self._item(item)) for item in items]
        job = Job(fixed_uuid(self._plan.seed, "adherence", len(self._jobs)), results, self._monotonic())
        self._jobs[job.id] = job
        return json_response(_told(job, "Processing"), 202)

    async def _poll(self, request: Request) -> Response:
        job = self._jobs.get(request.path_params["job"])
        if job is None:
            raise Refusal(genesys(404))
        if self._monotonic() - job.submitted < self._plan.job_seconds:
            return json_response(_told(job, "Processing"))
        return json_response(_told(job, "Complete") | {"downloadUrls": [self._link(request, job, result) for result in job.results]})

    def _item(self, told: object) -> Item:
        try:
            item = dict(told)  # type: ignore[call-overload]  # whatever JSON had; what is no object raises
            start, end = clock.interval(f"{item['startDate']}/{item['endDate']}")
        except (KeyError, TypeError, ValueError) as error:
            raise Refusal(genesys(400, f"Invalid item: {error}.", "invalid.date")) from error
        if end - start > _LONGEST:
            raise Refusal(genesys(400, "The date range may not exceed 31 days."))
        unit = str(item.get("managementUnitId"))
        if unit not in dict(self._directory.things("units", self._content.ms)):
            raise Refusal(genesys(404, f"The management unit {unit} was not found.", "not.found"))
        return Item(unit, start, end, tuple(item.get("userIds") or ()))

    def _result(self, item: Item) -> Body:
        found = [
            told
            for agent in self._directory.agents(item.unit, item.start)
            if agent.id not in self._directory.unplanned
            and (not item.users or agent.id in item.users)
            and (told := self._kept(item, agent.id))
        ]
        told = {"startDate": clock.iso(item.start), "endDate": clock.iso(item.end), "managementUnitId": item.unit}
        return told | {"userResults": found}

    def _kept(self, item: Item, agent: str) -> Body:
        """What an agent's days come to; empty without any schedule in them."""
        now, days = self._content.ms, list[Body]()
        for midnight in range(item.start, item.end, clock.DAY):
            duty = shifts.shift(self._plan.seed, agent, midnight, now)
            if duty is not None:
                days.append(shifts.metrics(duty, timedelta(milliseconds=midnight - item.start)))
        return {"userId": agent, **shifts.summary(days, over=item.end <= now)} if days else {}

    def _link(self, request: Request, job: Job, result: Body) -> str:
        """A new signed link to a result, on the other of loopback's names."""
        key = f"{job.id}-{len(self._signed)}"
        host = _NAMES.get(request.url.hostname or "", "localhost")
        signed = Signed(host, fixed_uuid(key, "signature").replace("-", ""), self._monotonic() + self._plan.signed_url_seconds, result)
        self._signed[key] = signed
        port = f":{request.url.port}" if request.url.port else ""
        terms = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires={self._plan.signed_url_seconds:.0f}&X-Amz-Signature={signed.signature}"
        return f"{request.url.scheme}://{host}{port}{DOWNLOADS}/{key}.json?{terms}"

    async def download(self, request: Request) -> Response:
        """A result, to whoever has the link and nothing else."""
        signed = self._signed.get(request.path_params["key"])
        if signed is None or request.url.hostname != signed.host:
            return genesys(404)
        if "authorization" in request.headers:
            return storage(400, "InvalidArgument", "Only one auth mechanism allowed")
        if request.query_params.get("X-Amz-Signature") != signed.signature:
            return storage(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")
        if self._monotonic() >= signed.until:
            return storage(403, "AccessDenied", "Request has expired")
        return json_response(signed.result)


def _told(job: Job, status: str) -> Body:
    return {"job": {"id": job.id, "status": status, "selfUri": f"{BULK}/jobs/{job.id}"}}
