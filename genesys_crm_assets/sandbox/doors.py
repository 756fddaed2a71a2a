"""What Genesys' doors have in common: how one is described, which licence it needs, and how a request is read.

Not here: what stands behind a door (`genesys.py`, `listings.py`, `external_contacts.py`, `adherence.py`).
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from genesys_crm_assets.sandbox.refusals import Refusal, genesys, missing_permission

Handler = Callable[[Request], Awaitable[Response]]

REQUEST_BYTES = 512_000


class Door(NamedTuple):
    """A method and a path, what answers there, and the permissions of which it needs one; without `sources` every org has it."""

    method: str
    path: str
    handler: Handler
    permissions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def licensed(door: Door, absent: tuple[str, ...]) -> Handler:
    """What answers at the door in an org that lacks these sources: a refusal that names the permission, where it needs one of them."""
    if not set(door.sources) & set(absent):
        return door.handler

    async def refused(_request: Request) -> Response:
        raise Refusal(missing_permission(*door.permissions))

    return refused


async def json_body(request: Request) -> dict[str, Any]:
    """A request's JSON object.

    Raises:
        Refusal: 413, 415, or 400 where it is no object.
    """
    content = await request.body()
    if len(content) > REQUEST_BYTES:
        raise Refusal(genesys(413))
    if "json" not in request.headers.get("content-type", ""):
        raise Refusal(genesys(415))
    try:
        body = json.loads(content)
    except ValueError as error:
        raise Refusal(genesys(400)) from error
    if not isinstance(body, dict):
        raise Refusal(genesys(400))
    return body


def whole_number(request: Request, name: str, default: int) -> int:
    """A positive number of the query.

    Raises:
        Refusal: 400, it is something else.
    """
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise Refusal(genesys(400, f"Value [{text}] is not valid for parameter {name}."))
    return int(text)


def words(request: Request, name: str) -> list[str]:
    """The values of a parameter that may be repeated, or hold several with commas between."""
    return [word for value in request.query_params.getlist(name) for word in value.split(",") if word]
