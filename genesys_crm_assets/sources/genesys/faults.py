"""From an answer of Genesys to the error it means (Genesys: rate limits and errors)."""

import re
from typing import Any

import msgspec

from genesys_crm_assets.sources.errors import (
    CursorRejected,
    Exchange,
    PermissionMissing,
    RateLimited,
    RedirectRefused,
    RequestRejected,
    ResultTooLarge,
    ServerFault,
    TokenRejected,
    quoted,
)
from genesys_crm_assets.sources.http import Answer, put_off

_PERMISSION = re.compile(r"\b[A-Za-z]+:[A-Za-z]+:[A-Za-z*]+")
_TOO_LARGE = re.compile(r"pagination may not exceed", re.IGNORECASE)
_GONE = frozenset({400, 404, 410})
CREDENTIALS = "Check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET (and GENESYS_REGION): they may be mistyped, rotated or revoked"


class _Told(msgspec.Struct):
    """Genesys' ErrorBody. Everything may be absent, since a proxy in between may be the one who answers."""

    message: Any = None
    code: Any = None
    contextId: Any = None  # noqa: N815 — the vendor's spelling
    messageParams: Any = None  # noqa: N815 — the vendor's spelling


def judge(answer: Answer, *, now: float, needs_job: bool = False) -> Answer:
    """The answer, if it is a good one.

    Args:
        answer: any answer.
        now: seconds since 1970, for a `Retry-After` that is a date.
        needs_job: the request reads a job; then a refusal means that job or cursor are gone.

    Raises:
        SourceError: the leaf that the status stands for.
    """
    if answer.status in {200, 201, 202, 204}:
        return answer
    told = _told(answer)
    correlation = answer.headers.get("inin-correlation-id") or _text(told.contextId) or None
    at = answer.exchange(_text(told.code) or None, correlation)
    match answer.status:
        case 429:
            raise put_off(RateLimited, "Genesys' rate limit is reached", answer, at=at, now=now)
        case 408:
            raise put_off(ServerFault, "Genesys did not get the request in time", answer, at=at, now=now)
        case status if status >= 500:  # noqa: PLR2004 — the class of server errors
            raise put_off(ServerFault, "Genesys is in trouble", answer, at=at, now=now)
        case 401:
            raise TokenRejected("Genesys does not accept the token", at=at, remedy=CREDENTIALS)
        case status if 300 <= status < 400:  # noqa: PLR2004 — the class of redirects
            raise RedirectRefused("Genesys redirects", at=at)
        case 403:
            raise _forbidden(told, at)
    raise _refused(told, at, needs_job=needs_job)


def _forbidden(told: _Told, at: Exchange) -> PermissionMissing:
    names = _PERMISSION.findall(f"{told.message} {told.messageParams}")
    permission = ", ".join(dict.fromkeys(names)) or None
    remedy = f"Grant {permission or 'the permission'} to a role of the OAuth client in Genesys, or name the source in SOURCES_ABSENT"
    return PermissionMissing(
        f"The OAuth client may not do this: {quoted(_text(told.message))}", permission=permission, at=at, remedy=remedy
    )


def _refused(told: _Told, at: Exchange, *, needs_job: bool) -> RequestRejected | CursorRejected:
    message = _text(told.message)
    if _TOO_LARGE.search(message):
        return ResultTooLarge(f"Genesys hands out no more: {quoted(message)}", at=at)
    if needs_job and at.status in _GONE:
        return CursorRejected(f"Genesys does not know the job or the cursor any more: {quoted(message)}", at=at)
    return RequestRejected(f"Genesys refuses the request: {quoted(message)}", at=at)


def _told(answer: Answer) -> _Told:
    try:
        return msgspec.json.decode(answer.body, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Told()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
