"""A remote job: submitted, watched over a closed set of states, cancelled when we give up on it (F-15)."""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import quote

import msgspec

from genesys_crm_assets.sources.errors import DeadlineExceeded, JobExpired, JobFailed, SourceError, UnexpectedShape, one_line, quoted
from genesys_crm_assets.sources.genesys.wire import Request
from genesys_crm_assets.sources.http import Answer, decoded

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")
DETAILS_JOBS = "/api/v2/analytics/conversations/details/jobs"


class Ask(Protocol):
    """Sends a request with everything that belongs to it, and hands back a good answer and what `read` made of it."""

    def __call__(self, request: Request, read: Callable[[Answer], _Result], *, only_once: bool = False) -> tuple[Answer, _Result]:
        """See `http.Courier.deliver`."""
        ...


@dataclass(frozen=True, slots=True)
class JobPatience:
    """How a job is watched, in seconds: the first look, by how much the looks spread out, the widest, and the end."""

    first_s: float = 0.2
    growth: float = 1.6
    longest_s: float = 5.0
    deadline_s: float = 1800.0


class _Submitted(msgspec.Struct):
    jobId: Annotated[str, msgspec.Meta(min_length=1)]  # noqa: N815 — the vendor's spelling


class _Status(msgspec.Struct):
    state: str
    errorMessage: Any = None  # noqa: N815 — the vendor's spelling


@dataclass(frozen=True, slots=True)
class Jobs:
    """Jobs of conversation details."""

    ask: Ask
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]
    patience: JobPatience

    def run(self, body: Any) -> str:
        """Submit a job and wait until its results can be read. Gives its id.

        Raises:
            JobFailed: FAILED or CANCELLED.
            JobExpired: EXPIRED, before anybody could read it.
            DeadlineExceeded: not done in time; it has been cancelled.
            UnexpectedShape: a state that is not documented.
        """
        job_id = self.ask(Request("POST", DETAILS_JOBS, body=body), _job_id)[1]
        try:
            watch(partial(self._is_fulfilled, job_id), job_id, patience=self.patience, sleep=self.sleep, monotonic=self.monotonic)
        except (JobFailed, JobExpired):
            raise
        except BaseException:
            # An interrupted run leaves no job behind (F-71).
            self._cancel(job_id)
            raise
        return job_id

    def _is_fulfilled(self, job_id: str) -> bool:
        answer, status = self.ask(Request("GET", _path(job_id), needs_job=True), _status)
        match status.state:
            case "QUEUED" | "PENDING":
                return False
            case "FULFILLED":
                return True
            case "FAILED" | "CANCELLED":
                reason = quoted(status.errorMessage) if isinstance(status.errorMessage, str) else "no reason told"
                raise JobFailed(f"The job is {status.state}: {reason}", at=answer.exchange())
            case "EXPIRED":
                raise JobExpired("The job's results have expired", at=answer.exchange())
        raise UnexpectedShape(f"A job is in the unknown state {one_line(status.state, 40)!r}", at=answer.exchange())

    def _cancel(self, job_id: str) -> None:
        with contextlib.suppress(SourceError):
            self.ask(Request("DELETE", _path(job_id)), lambda answer: answer, only_once=True)
            _log.info("cancelled job %s", one_line(job_id, 80))


def watch(
    is_done: Callable[[], bool], job_id: str, *, patience: JobPatience, sleep: Callable[[float], None], monotonic: Callable[[], float]
) -> None:
    """Look at a job, ever less often, until it is done; `DeadlineExceeded` when its time is up."""
    deadline = monotonic() + patience.deadline_s
    pause = patience.first_s
    while not is_done():
        if monotonic() + pause > deadline:
            raise DeadlineExceeded(f"Job {one_line(job_id, 80)} is not done after {patience.deadline_s:g} s")
        sleep(pause)
        pause = min(pause * patience.growth, patience.longest_s)


def results(job_id: str, *, cursor: str | None, page_size: int, about: Any) -> Request:
    """The request for a page of a job's results. `about` is what the job was asked."""
    query = {"pageSize": str(page_size)} | ({} if cursor is None else {"cursor": cursor})
    return Request("GET", _path(job_id) + "/results", query, about=about, needs_job=True)


def _job_id(answer: Answer) -> str:
    return decoded(answer, _Submitted).jobId


def _status(answer: Answer) -> _Status:
    return decoded(answer, _Status)


def _path(job_id: str) -> str:
    return f"{DETAILS_JOBS}/{quote(job_id, safe='')}"
