"""Schedule adherence: one bulk job for the management units of a window, and its results, which lie on another host behind signed links.

A signed link is a credential: it is used and never told, our token does not go along with it, and nothing its host says is quoted
(Genesys: schedule adherence). Not here: which units there are, or what a result means.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from genesys_crm_assets.sources.errors import (
    BodyDamaged,
    CursorRejected,
    JobExpired,
    JobFailed,
    PermissionMissing,
    RateLimited,
    RedirectRefused,
    RequestRejected,
    ServerFault,
    UnexpectedShape,
    one_line,
)
from genesys_crm_assets.sources.genesys.feeds import Interval
from genesys_crm_assets.sources.genesys.jobs import Ask, JobPatience, watch
from genesys_crm_assets.sources.genesys.wire import Request, Wire
from genesys_crm_assets.sources.hosts import Host, handed_out
from genesys_crm_assets.sources.http import Answer, Courier, Effort, decoded, put_off
from genesys_crm_assets.sources.paging import Page, milliseconds, request_text

FEED = "adherence"
PERMISSION = "wfm:historicalAdherence:view"
_BULK = "/api/v2/workforcemanagement/adherence/historical/bulk"
_REFUSED = frozenset({400, 401, 403, 404, 410})


class _Job(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1)]
    status: str


class _Told(msgspec.Struct):
    job: _Job
    downloadUrls: list[str] | None = None  # noqa: N815 — the vendor's spelling


class _Result(msgspec.Struct):
    managementUnitId: str | None = None  # noqa: N815 — the vendor's spelling
    userResults: list[msgspec.Raw] | None = None  # noqa: N815 — the vendor's spelling


class _Checkpoint(msgspec.Struct):
    asked: str
    job: str
    results: int
    came: list[str]


@dataclass(frozen=True, slots=True)
class Results:
    """A job that is done, and where its results lie, in the order told."""

    job_id: str
    links: tuple[tuple[Host, Request], ...]


class Downloads:
    """Hosts that hold results, each spoken to without credentials, and told nothing but the link it handed out.

    Args:
        wire: to a host.
        courier: the patience, and the pace, of all requests.
        now: seconds since 1970, for a `Retry-After` that is a date.
    """

    def __init__(self, *, wire: Callable[[Host], Wire], courier: Courier, now: Callable[[], float]) -> None:
        self._wire, self._courier, self._now = wire, courier, now
        self._wires: dict[Host, Wire] = {}

    def fetch(self, host: Host, request: Request, effort: Effort) -> tuple[Answer, int]:
        """One result, and how many agents it tells of; `JobExpired` where the link is no longer good."""
        wire = self._wires.get(host) or self._wires.setdefault(host, self._wire(host))
        return self._courier.deliver(lambda: self._send(wire, request), count_agents, effort)

    def close(self) -> None:
        """Close the connections."""
        for wire in self._wires.values():
            wire.close()

    def _send(self, wire: Wire, request: Request) -> Answer:
        try:
            answer = wire.send(request)
        except RedirectRefused as refused:
            remedy = "Tell the vendor's support that a signed link redirects"
            raise RedirectRefused("The host of a download redirects", at=refused.at, remedy=remedy) from None
        at = answer.exchange()
        match answer.status:
            case 200:
                return answer
            case 429:
                raise put_off(RateLimited, "The host of a download is busy", answer, at=at, now=self._now())
            case status if status in _REFUSED:
                raise JobExpired("The host of a download no longer accepts the signed link", at=at)
            case status if status == 408 or status >= 500:  # noqa: PLR2004 — the class of server errors, and the timeout
                raise put_off(ServerFault, "The host of a download is in trouble", answer, at=at, now=self._now())
        raise RequestRejected("The host of a download refuses the request", at=at, remedy="Quote this to the vendor's support")


@dataclass(frozen=True, slots=True)
class Bulk:
    """Bulk jobs of one org: asked with the token, fetched without. Times in seconds, as `JobPatience` has them."""

    ask: Ask
    downloads: Downloads
    patience: JobPatience
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]

    def pages(self, question: dict[str, Any], resume: str | None, effort: Effort) -> Iterator[Page]:
        """Each result as it comes; `effort` is what `ask` and the downloads spend into.

        Raises:
            CursorRejected: the job of the checkpoint is gone, or tells of other results now; drop the pages and ask again (F-14).
            JobExpired: links are refused even when they were signed anew, likewise.
            JobFailed: the job ended in an error.
            PermissionMissing: the client may not read adherence.
        """
        asked = _digest(json.dumps(question, sort_keys=True).encode())
        found, came = (self._begun(question), []) if resume is None else self._resumed(resume, asked)
        listed_before = len(came)
        for place in range(len(came), len(found.links)):
            try:
                answer, agents = self.downloads.fetch(*found.links[place], effort)
            except JobExpired:
                # Signatures live shorter than jobs do: the job is asked for new ones once (F-14).
                found, listed_before = self._again(found.job_id, len(found.links)), len(came)
                answer, agents = self.downloads.fetch(*found.links[place], effort)
            digest = _digest(answer.body)
            if digest in came[:listed_before]:
                raise CursorRejected("The job lists its results in another order than before")
            came.append(digest)
            checkpoint = {"asked": asked, "job": found.job_id, "results": len(found.links), "came": came}
            about = request_text("GET", found.links[place][1].path, {}, question)
            yield _page(answer, agents, about, effort.take(), checkpoint)

    def _begun(self, question: dict[str, Any]) -> Results:
        try:
            answer, told = self.ask(Request("POST", _BULK, body=question), _told)
        except PermissionMissing as refused:
            if refused.permission is not None:
                raise
            remedy = f"Grant {PERMISSION} to a role of the OAuth client in Genesys, or name the source in SOURCES_ABSENT"
            raise PermissionMissing(refused.what, permission=PERMISSION, at=refused.at, remedy=remedy) from None
        return _results(told, answer) or self._finished(told.job.id)

    def _resumed(self, checkpoint: str, asked: str) -> tuple[Results, list[str]]:
        try:
            place = msgspec.json.decode(checkpoint, type=_Checkpoint)
        except msgspec.DecodeError:
            raise CursorRejected("The checkpoint cannot be read") from None
        if place.asked != asked:
            raise CursorRejected("The checkpoint belongs to another question")
        return self._again(place.job, place.results), place.came

    def _again(self, job_id: str, results: int) -> Results:
        found = self._finished(job_id)
        if len(found.links) != results:
            raise CursorRejected("The job has other results than before")
        return found

    def _finished(self, job_id: str) -> Results:
        seen: list[Results] = []

        def is_done() -> bool:
            answer, told = self.ask(Request("GET", f"{_BULK}/jobs/{quote(job_id, safe='')}", needs_job=True), _told)
            found = _results(told, answer)
            seen.extend([] if found is None else [found])
            return bool(seen)

        watch(is_done, job_id, patience=self.patience, sleep=self.sleep, monotonic=self.monotonic)
        return seen[0]


def question(management_units: Sequence[str], window: Interval) -> dict[str, Any]:
    """The body of the bulk request: all units over one half-open window, days being those of UTC, without the exceptions one by one.

    Raises:
        ValueError: no unit; the vendor would answer with nothing or with everything.
    """
    if not management_units:
        raise ValueError("adherence is asked for by management unit, and there is none")
    over = {"startDate": milliseconds(window.start), "endDate": milliseconds(window.end)}
    items = [{"managementUnitId": unit, **over, "includeExceptions": False, "includeActuals": False} for unit in management_units]
    return {"items": items, "timeZone": "UTC"}


def count_agents(answer: Answer) -> int:
    """How many agents a result tells of.

    Raises:
        BodyDamaged: it is no result.
    """
    told = decoded(answer, _Result)
    if told.userResults is None and told.managementUnitId is None:
        raise BodyDamaged("The body has neither userResults nor a managementUnitId", at=answer.exchange())
    return len(told.userResults or ())


def _told(answer: Answer) -> _Told:
    return decoded(answer, _Told)


def _results(told: _Told, answer: Answer) -> Results | None:
    """What a job has to give; None while it is at work."""
    match told.job.status:
        case "Processing":
            return None
        case "Complete" if told.downloadUrls:
            return Results(told.job.id, tuple(_link(url) for url in told.downloadUrls))
        case "Complete":
            raise UnexpectedShape("A job is complete and hands out no result", at=answer.exchange())
        case "Error":
            remedy = "Run again; if it lasts, quote the job to the vendor's support"
            raise JobFailed(f"Job {one_line(told.job.id, 80)} ended in an error", at=answer.exchange(), remedy=remedy)
    raise UnexpectedShape(f"A job is in the unknown state {one_line(told.job.status, 40)!r}", at=answer.exchange())


def _link(url: str) -> tuple[Host, Request]:
    host, path, query = handed_out(url)
    return host, Request("GET", path, signature=query)


def _page(answer: Answer, agents: int, about: str, effort: Effort, checkpoint: dict[str, Any]) -> Page:
    number = len(checkpoint["came"])
    is_last = number == checkpoint["results"]
    return Page(
        number=number,
        feed=FEED,
        request=about,
        cursor=str(number),
        body=answer.body,
        record_count=agents,
        received_at=answer.received_at,
        attempts=effort.attempts,
        waited_ms=effort.waited_ms,
        data_available_until=None,
        checkpoint=None if is_last else json.dumps(checkpoint, separators=(",", ":")),
        is_last=is_last,
    )


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
