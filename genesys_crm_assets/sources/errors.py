"""What can go wrong between us and a vendor. The first fork is the caller's decision.

    SourceError
    ├── Transient                another attempt may succeed
    │   ├── RateLimited          429, or Salesforce's concurrency limit
    │   ├── Unreachable          no answer: refused, reset, timed out, too slow
    │   ├── ServerFault          the vendor's own trouble: 408, 5xx, Salesforce's 406 and 420
    │   ├── BodyDamaged          cut short, not JSON, or not the shape that was promised
    │   ├── DeadlineExceeded     a job was still running when its time was up; it has been cancelled
    │   └── CursorRejected       a walk through pages cannot go on: drop its pages, ask the window again from the first
    │       ├── JobExpired       … because the job's results are gone
    │       └── TotalNotReached  … because it ended before the total it had promised
    └── Permanent                it will not
        ├── TokenRejected        wrong, revoked or rotated credentials
        ├── PermissionMissing    403: the credentials are right and may not do this
        ├── RequestRejected      the vendor does not understand, or refuses, what we ask
        │   └── ResultTooLarge   … because more would come back than it hands out; the window is split
        ├── JobFailed            the vendor says that a job failed or was cancelled
        ├── CursorRepeated       pages that go round in a circle
        ├── UnexpectedShape      an answer outside the contract, such as a job state nobody documented
        ├── QuotaExhausted       the daily allocation, or our share of it, is spent
        ├── RedirectRefused      the vendor sends us elsewhere; credentials do not follow
        └── StrayHost            a link or a login names a host that was not configured

The first four are sent again by the request loop (`http.Courier`) and reach the caller only when its patience is spent.
Messages name method, address without query, status, the vendor's code and correlation id, and end with the remedy. They hold no
token, no secret and no record; what a vendor says is quoted in one line, cut short, with addresses and credentials masked.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

_CREDENTIALS = re.compile(
    r"(?i)\b(bearer|basic)\s+[\w.~+/=!-]+|\b(access_token|refresh_token|client_secret|assertion|password)\b\W{1,4}[^\s\"'&,}]+"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w-])\+?(?!\d{4}-\d\d-\d\d)\d[\d ().-]{7,}\d")
_QUOTED_CHARACTERS = 300


def one_line(text: str, limit: int = _QUOTED_CHARACTERS) -> str:
    """Foreign text as one printable line of at most `limit` characters, so that it cannot forge a log line."""
    cut = text if len(text) <= limit else text[:limit] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def quoted(text: str) -> str:
    """A vendor's own words, fit for a message: one line, with credentials, e-mail addresses and telephone numbers masked."""
    masked = _NUMBER.sub("(number)", _EMAIL.sub("(address)", _CREDENTIALS.sub("(credentials)", text)))
    return one_line(masked.strip())


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked and answered when an error arose. `url` is scheme, host and path, never the query."""

    method: str
    url: str
    status: int | None = None
    code: str | None = None
    correlation_id: str | None = None

    def __str__(self) -> str:
        """As it stands in a message: `GET https://host/path → 429 too.many.requests, correlation id …`."""
        answer = " ".join(one_line(str(part), 80) for part in (self.status, self.code) if part is not None)
        text = f"{self.method} {self.url}" + (f" → {answer}" if answer else "")
        return text + (f", correlation id {one_line(self.correlation_id, 80)}" if self.correlation_id else "")


class SourceError(Exception):
    """Root of everything that `sources` raises on purpose.

    Args:
        what: the event, in one clause.
        at: the exchange in which it happened, where there was one.
        remedy: what a person can do; each class has its own default.
    """

    remedy: ClassVar[str] = "Read the message of the vendor and try again"

    def __init__(self, what: str, *, at: Exchange | None = None, remedy: str | None = None) -> None:
        self.what, self.at = what, at
        self.method = at.method if at else None
        self.url = at.url if at else None
        self.status = at.status if at else None
        self.code = at.code if at else None
        self.correlation_id = at.correlation_id if at else None
        where = f" ({at})" if at else ""
        super().__init__(f"{what}{where}. {remedy or self.remedy}.")


class Transient(SourceError):
    """Another attempt may succeed.

    `resend` says whether the request loop itself sends again; `retry_after_s` is the wait the vendor asked for, in seconds,
    None where it told none that can be read; `retry_after` is that header as told.
    """

    resend: ClassVar[bool] = False

    def __init__(
        self,
        what: str,
        *,
        at: Exchange | None = None,
        remedy: str | None = None,
        retry_after_s: float | None = None,
        retry_after: str | None = None,
    ) -> None:
        super().__init__(what, at=at, remedy=remedy)
        self.retry_after_s = retry_after_s
        self.retry_after = retry_after


class RateLimited(Transient):
    """The vendor, or our own limiter, says: not now."""

    resend = True
    remedy = "Run again after the wait told; if this is usual, lower the requests per minute or spread the runs"


class Unreachable(Transient):
    """No answer came: refused, reset, unresolved, timed out, or dripping slower than the total time allowed."""

    resend = True
    remedy = "Check the host, the network and the vendor's status page, then run again"


class ServerFault(Transient):
    """The vendor answered with trouble of its own."""

    resend = True
    remedy = "Run again later; if it lasts, quote the correlation id to the vendor's support"


class BodyDamaged(Transient):
    """An answer that cannot be what was sent, or is not what was promised. It is never taken for an empty one."""

    resend = True
    remedy = "Run again; if it lasts, look for a proxy that rewrites answers, and quote the correlation id to the vendor's support"


class DeadlineExceeded(Transient):
    """A remote job did not finish in the time allowed. It has been cancelled."""

    remedy = "Run again, over a shorter window if it happens twice"


class CursorRejected(Transient):
    """The walk cannot be continued. Its pages are to be dropped and the window asked for again."""

    remedy = "Drop the pages of this attempt and ask for the window again from its first page"


class JobExpired(CursorRejected):
    """The results of the job are gone."""


class TotalNotReached(CursorRejected):
    """The last page came before the number of records that the first had promised."""


class Permanent(SourceError):
    """Another attempt of the same kind will not succeed."""


class TokenRejected(Permanent):
    """The vendor does not accept our credentials."""

    remedy = "Check the client id and secret in the environment, and whether they were rotated or revoked"


class PermissionMissing(Permanent):
    """403. `permission` is the name of what is missing, where the vendor or the documentation says it."""

    remedy = "Grant the permission, or name the source in SOURCES_ABSENT"

    def __init__(self, what: str, *, permission: str | None, at: Exchange | None = None, remedy: str | None = None) -> None:
        super().__init__(what, at=at, remedy=remedy)
        self.permission = permission


class RequestRejected(Permanent):
    """The vendor refuses what we ask."""

    remedy = "Compare the request with the vendor's reference; names of fields come from mapping.toml"


class ResultTooLarge(RequestRejected):
    """More records than the vendor hands out for one question."""

    remedy = "Ask for a shorter window"


class JobFailed(Permanent):
    """The vendor gave up on the job, or somebody cancelled it."""

    remedy = "Read the vendor's reason; run again if it was cancelled by hand"


class CursorRepeated(Permanent):
    """A cursor, or a whole page with records, came a second time: the walk would never end."""

    remedy = "Ask for the window again; if it repeats itself, quote the request to the vendor's support"


class UnexpectedShape(Permanent):
    """An answer that the documented contract does not know."""

    remedy = "Compare the answer with the vendor's release notes; this client needs to learn it"


class QuotaExhausted(Permanent):
    """The daily allocation, or the share of it that we may use, is spent."""

    remedy = "Run again when the rolling 24 hours have passed, or raise SALESFORCE_DAILY_SHARE"


class RedirectRefused(Permanent):
    """Redirects are not followed: they would carry the credentials along."""

    remedy = "Put the final address into the URL setting"


class StrayHost(Permanent):
    """An address that is not the configured one."""

    remedy = "Check the configured URL; if it is right, tell the vendor's support what address it handed out"
