"""From an answer of Salesforce to the error it means. Errors come as array, object, text or nothing (Salesforce: errors)."""

import json
from typing import Any

from genesys_crm_assets.sources.errors import (
    CursorRejected,
    Exchange,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    RedirectRefused,
    RequestRejected,
    ServerFault,
    SourceError,
    TokenRejected,
    quoted,
)
from genesys_crm_assets.sources.http import Answer, put_off

CREDENTIALS = "Check SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET (or SALESFORCE_REFRESH_TOKEN): mistyped, rotated or revoked"
_RESTART = frozenset({"QUERY_TIMEOUT", "INVALID_QUERY_LOCATOR"})
_TRANSIENT = frozenset({406, 408, 420})
_PERMISSIONS = {
    "API_DISABLED_FOR_ORG": "API Enabled",
    "API_CURRENTLY_DISABLED": "API Enabled",
    "INSUFFICIENT_ACCESS": "View All Data",
    "INSUFFICIENT_ACCESS_OR_READONLY": "View All Data",
}
_REMEDIES = {
    "INVALID_FIELD": "Check the name in mapping.toml and the field-level security of the integration user",
    "INVALID_TYPE": "Check the object's name and whether the integration user may see it, or name the source in SOURCES_ABSENT",
    "OPERATION_TOO_LARGE": "Give the integration user View All Data",
    410: "Raise SALESFORCE_API_VERSION: this one is retired",
    414: "Ask for fewer fields or ids at a time: the address is too long",
    431: "Ask for fewer fields or ids at a time: the address is too long",
}


def judge(answer: Answer, *, now: float, is_continuation: bool = False) -> Answer:
    """The answer, if it is a good one.

    Args:
        answer: any answer.
        now: seconds since 1970, for a `Retry-After` that is a date.
        is_continuation: the answer to a link that Salesforce had handed out.

    Raises:
        SourceError: the leaf that status and code stand for.
    """
    if 200 <= answer.status < 300:  # noqa: PLR2004 — the class of successes
        return answer
    code, message = complaint(answer.body)
    at = answer.exchange(code or None)
    if answer.status == 429:  # noqa: PLR2004 — as the standard numbers it
        raise put_off(RateLimited, "Salesforce asks for patience", answer, at=at, now=now)
    if answer.status >= 500 or answer.status in _TRANSIENT:  # noqa: PLR2004 — the class of server errors
        raise put_off(ServerFault, "Salesforce is in trouble", answer, at=at, now=now)
    if code in _RESTART or (is_continuation and answer.status in {404, 410}):
        raise CursorRejected(f"Salesforce cannot go on with the query: {quoted(message)}", at=at)
    raise _permanent(at, code, message)


def _permanent(at: Exchange, code: str, message: str) -> SourceError:
    status = at.status or 0
    if status == 401:  # noqa: PLR2004 — as the standard numbers it
        return TokenRejected("Salesforce does not accept the token", at=at, remedy=CREDENTIALS)
    if status < 400:  # noqa: PLR2004 — the class of redirects
        return RedirectRefused("Salesforce redirects", at=at)
    if code == "REQUEST_LIMIT_EXCEEDED":
        # The daily limit and the one of long requests at a time share status and code; only the text differs.
        if "concurrent" in message.lower():
            return RateLimited("Too many long requests run at once", at=at)
        return QuotaExhausted(f"Salesforce's daily allocation is used up: {quoted(message)}", at=at)
    if status == 403:  # noqa: PLR2004 — as the standard numbers it
        permission = _PERMISSIONS.get(code)
        remedy = f"Grant {permission or 'the permission'} to the integration user, or name the source in SOURCES_ABSENT"
        return PermissionMissing(f"The integration user may not do this: {quoted(message)}", permission=permission, at=at, remedy=remedy)
    return RequestRejected(f"Salesforce refuses the request: {quoted(message)}", at=at, remedy=_REMEDIES.get(code) or _REMEDIES.get(status))


def complaint(body: bytes) -> tuple[str, str]:
    """Code and message, each empty where the body does not tell one."""
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        return "", body[:200].decode("utf-8", "replace")
    first = told[0] if isinstance(told, list) and told else told
    if not isinstance(first, dict):
        return "", ""
    code = first.get("errorCode") or first.get("error")
    message = first.get("message") or first.get("error_description")
    return (code if isinstance(code, str) else "", message if isinstance(message, str) else "")
