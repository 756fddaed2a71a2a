"""Asking Genesys for a token: client credentials, by Basic, without a scope (Genesys: OAuth 2 client credentials)."""

from collections.abc import Callable
from typing import Annotated

import httpx
import msgspec

from genesys_crm_assets.sources.errors import TokenRejected
from genesys_crm_assets.sources.genesys.faults import CREDENTIALS, judge
from genesys_crm_assets.sources.genesys.wire import Request, Wire
from genesys_crm_assets.sources.http import Answer, Courier, Effort, decoded
from genesys_crm_assets.sources.tokens import Grant, Secret, reveal

DEFAULT_LIFE_S = 300.0
"""Five minutes, the shortest life that can be configured: taken where the answer tells none."""

_REFUSALS = frozenset({400, 401, 403})


class _Granted(msgspec.Struct):
    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    expires_in: object = None


def fetcher(*, wire: Wire, courier: Courier, client_id: str, client_secret: Secret, now: Callable[[], float]) -> Callable[[], Grant]:
    """What asks for a grant each time it is called.

    The call raises `TokenRejected` at once for wrong credentials (Genesys says 400 `invalid_client`), and other errors of
    `sources` when the login host stays out of reach (S2-11).
    """
    request = Request("POST", "/oauth/token")

    def send() -> Answer:
        basic = httpx.BasicAuth(client_id, reveal(client_secret))
        answer = wire.send(request, auth=basic, data={"grant_type": "client_credentials"})
        if answer.status in _REFUSALS:
            # The vendor's description is not repeated: it may echo what was sent.
            raise TokenRejected("Genesys does not accept the client credentials", at=answer.exchange(), remedy=CREDENTIALS)
        return judge(answer, now=now())

    def read(answer: Answer) -> Grant:
        granted = decoded(answer, _Granted)
        return Grant(granted.access_token, granted.expires_in)

    return lambda: courier.deliver(send, read, Effort())[1]
