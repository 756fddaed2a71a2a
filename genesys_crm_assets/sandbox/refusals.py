"""How each vendor says no: Genesys with an error body, Salesforce with an array of errors, both now and then with HTML.

Not here: when they do.
"""

import json
from collections.abc import Iterable

from starlette.responses import HTMLResponse, Response

_HTML = "<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"

_GENESYS = {
    400: ("bad.request", "The request could not be understood by the server due to malformed syntax."),
    401: ("bad.credentials", "Invalid login credentials."),
    403: (
        "missing.any.permissions",
        "Unable to perform the requested action. You must have at least one of the following permissions assigned: {permission}",
    ),
    404: ("not found", "HTTP 404 Not Found"),
    405: ("method not allowed", "HTTP 405 Method Not Allowed"),
    408: ("client.timeout", "The client did not produce a request within the server timeout limit."),
    413: ("request.entity.too.large", "The request is over the size limit. Maximum bytes: 512000"),
    415: ("unsupported.media.type", "HTTP 415 Unsupported Media Type"),
    429: ("too.many.requests.retry.after", "Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds"),
    500: ("internal.server.error", "The server encountered an unexpected condition which prevented it from fulfilling the request."),
    503: ("service.unavailable", "Code 503 Service Unavailable"),
    504: ("request.timeout", "The request timed out."),
}
_SALESFORCE = {
    400: ("MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred."),
}
_TITLES = {
    410: "Gone",
    414: "URI Too Long",
    420: "Setting things up",
    431: "Request Header Fields Too Large",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


class Refusal(Exception):
    """A request that is answered with an error: raised anywhere below an application, answered at its edge."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"status {response.status_code}")
        self.response = response


def json_response(body: object, status: int = 200) -> Response:
    """A body as compact JSON."""
    return Response(json.dumps(body, separators=(",", ":")), status, media_type="application/json")


def html(status: int) -> Response:
    """What stands in front of a vendor says no, in its own way."""
    return HTMLResponse(_HTML.format(title=_TITLES.get(status, str(status))), status)


def genesys(status: int, message: str = "", code: str = "", *, seconds: int = 0) -> Response:
    """Genesys' ErrorBody; a 502 is the CDN's."""
    if status not in _GENESYS:
        return html(status)
    usual_code, usual = _GENESYS[status]
    text = message or usual.format(seconds=seconds, permission="analytics:conversationDetail:view")
    # The correlation id, which doubles as contextId, is put in by the application's edge.
    response = json_response(
        {"message": text, "code": code or usual_code, "status": status, "contextId": "", "details": [], "errors": []}, status
    )
    if status == 429:  # noqa: PLR2004 - the status itself
        response.headers["Retry-After"] = str(seconds)
    return response


def missing_permission(*permissions: str) -> Response:
    """Genesys' 403 to a client without a permission; of several it needs one."""
    code, text = "missing.permissions", "Unable to perform the requested action. You are missing the following permission(s): {permissions}"
    if len(permissions) > 1:
        code, text = "missing.any.permissions", _GENESYS[403][1].replace("{permission}", "{permissions}")
    told = ", ".join(permissions)
    body = {"message": text.format(permissions=told), "code": code, "status": 403, "messageWithParams": text}
    return json_response(body | {"messageParams": {"permissions": told}, "contextId": "", "details": [], "errors": []}, 403)


def invalid_value(value: object, kind: str, allowed: Iterable[str]) -> Refusal:
    """Genesys' answer to a word it does not know."""
    choices = ", ".join(sorted(allowed))
    return Refusal(genesys(400, f"Value [{value}] is not valid for field type [{kind}]. Allowable values are: {choices}", "invalid.value"))


def salesforce(status: int, message: str = "", code: str = "") -> Response:
    """Salesforce's array of errors; what stands in front of it answers in HTML."""
    if not message and status not in _SALESFORCE:
        return html(status)
    usual_code, usual = _SALESFORCE.get(status, ("UNKNOWN_EXCEPTION", ""))
    return json_response([{"message": message or usual, "errorCode": code or usual_code}], status)


def storage(status: int, code: str, message: str) -> Response:
    """What the object store behind signed links says."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(body, status, media_type="application/xml")
