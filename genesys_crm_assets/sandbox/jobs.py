"""Asynchronous detail jobs: submitted, polled on real time, paged by an opaque cursor, frozen at submission.

Not here: which conversations a job matches (`genesys.py`).
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

from genesys_crm_assets.sandbox.identifiers import fixed_uuid
from genesys_crm_assets.sandbox.refusals import Refusal, genesys


@dataclass(slots=True)
class Job:
    """A job: its results as they stood at submission, and the horizon they were known to."""

    id: str
    results: list[bytes]
    availability: str
    submitted: float
    deleted: bool = False


class Jobs:
    """All jobs of an organisation; `seconds` is how long one runs, `lifetime` how long its results can be fetched, in real time."""

    def __init__(self, seconds: float, lifetime: float, monotonic: Callable[[], float]) -> None:
        self.seconds, self.lifetime = seconds, lifetime
        self._monotonic = monotonic
        self._jobs: dict[str, Job] = {}

    def submit(self, results: list[bytes], availability: str) -> Job:
        """Take a job in."""
        job = Job(fixed_uuid("job", len(self._jobs)), results, availability, self._monotonic())
        self._jobs[job.id] = job
        return job

    def get(self, job_id: str) -> Job:
        """A job by its id.

        Raises:
            Refusal: 404.
        """
        if job_id not in self._jobs:
            raise Refusal(genesys(404))
        return self._jobs[job_id]

    def state(self, job: Job) -> str:
        """QUEUED, PENDING, FULFILLED, CANCELLED or EXPIRED, now."""
        age = self.age(job)
        if job.deleted:
            return "CANCELLED"
        if age < self.seconds / 3:
            return "QUEUED"
        if age < self.seconds:
            return "PENDING"
        return "FULFILLED" if age < self.lifetime else "EXPIRED"

    def age(self, job: Job) -> float:
        """Seconds since submission."""
        return self._monotonic() - job.submitted

    def page(self, job: Job, cursor: str | None, size: int) -> bytes:
        """A page of results; the last one has no cursor, and a page without conversations has no such key.

        Raises:
            Refusal: the job has no results to give (yet, any more), or the cursor is not one of its own.
        """
        state = self.state(job)
        if state != "FULFILLED":
            raise Refusal(genesys(400, f"Results are not available for a job in state {state}."))
        first = _offset(job, cursor) if cursor else 0
        last = min(first + size, len(job.results))
        parts = []
        if last > first:
            parts.append(b'"conversations":[' + b",".join(job.results[first:last]) + b"]")
        if last < len(job.results):
            parts.append(f'"cursor":"{_cursor(job, last)}"'.encode())
        parts.append(f'"dataAvailabilityDate":"{job.availability}"'.encode())
        return b"{" + b",".join(parts) + b"}"


def _cursor(job: Job, offset: int) -> str:
    return base64.b64encode(f"cursor_v2~{job.id[:8]}~{offset}".encode()).decode()


def _offset(job: Job, cursor: str) -> int:
    try:
        version, owner, offset = base64.b64decode(cursor, validate=True).decode().split("~")
        found = int(offset)
    except (ValueError, binascii.Error) as error:
        raise Refusal(genesys(400, "Invalid cursor.")) from error
    if version != "cursor_v2" or owner != job.id[:8] or not 0 < found < len(job.results):
        raise Refusal(genesys(400, "Invalid cursor."))
    return found
