"""Asking Salesforce for a token: client credentials, or a refresh token where the org allows nothing else (Salesforce: authentication).

A token's life is not told; it is renewed before the shortest idle time that an org can set, and whenever it is refused.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

import msgspec
import requests
from requests.auth import HTTPBasicAuth

from genesys_crm_assets.sources.errors import StrayHost, TokenRejected
from genesys_crm_assets.sources.hosts import Host
from genesys_crm_assets.sources.http import Answer, Courier, Effort, decoded
from genesys_crm_assets.sources.salesforce.faults import CREDENTIALS, judge
from genesys_crm_assets.sources.tokens import Grant, Secret, reveal

_log = logging.getLogger(__name__)
DEFAULT_LIFE_S = 900.0
_PATH = "/services/oauth2/token"
_REFUSALS = frozenset({400, 401, 403})
_DOMAINS = (".salesforce.com", ".force.com")


class _Granted(msgspec.Struct):
    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    instance_url: str | None = None
    refresh_token: str | None = None


@dataclass(slots=True)
class Login:
    """Asks for a grant each time it is called.

    Attributes:
        host: of the org; it is both where we log in and where we ask.
        session: already guarded.
        client_id: of the External Client App or Connected App.
        client_secret: or what fetches it.
        refresh_token: used instead of the secret's own grant where given; replaced when the org rotates it.
    """

    host: Host
    session: requests.Session = field(repr=False)
    courier: Courier
    clock: Callable[[], datetime]
    now: Callable[[], float]
    client_id: str
    client_secret: Secret = field(repr=False)
    refresh_token: Secret | None = field(repr=False)

    def __call__(self) -> Grant:
        """A grant.

        Raises:
            TokenRejected: wrong, revoked or rotated credentials.
            StrayHost: the org says that it lives on a host that is no Salesforce (F-66).
        """
        granted = self.courier.deliver(self._send, lambda answer: decoded(answer, _Granted), Effort())[1]
        self._examine(granted.instance_url)
        if granted.refresh_token and self.refresh_token and granted.refresh_token != reveal(self.refresh_token):
            _log.warning(
                "Salesforce rotates refresh tokens: the one in SALESFORCE_REFRESH_TOKEN ends with this process; switch rotation off"
            )
            self.refresh_token = granted.refresh_token
        return Grant(granted.access_token)

    def _send(self) -> Answer:
        secret = reveal(self.client_secret)
        form = {"grant_type": "client_credentials"}
        auth = HTTPBasicAuth(self.client_id.encode(), secret.encode())
        if self.refresh_token is not None:
            form = {"grant_type": "refresh_token", "refresh_token": reveal(self.refresh_token)}
        response = self.session.post(self.host.https.url + _PATH, data=form, auth=auth, allow_redirects=False)
        answer = answered(response, self.host.url + _PATH, self.clock())
        if answer.status in _REFUSALS:
            # The vendor's description is not repeated: it may echo what was sent.
            raise TokenRejected("Salesforce does not accept the client credentials", at=answer.exchange(), remedy=CREDENTIALS)
        return judge(answer, now=self.now())

    def _examine(self, instance_url: str | None) -> None:
        if instance_url is None:
            return
        told = Host.of(instance_url, setting="SALESFORCE_URL")
        is_salesforce = told.scheme == "https" and f".{told.name}".endswith(_DOMAINS)
        if not is_salesforce and told.netloc != self.host.netloc:
            raise StrayHost(f"The login names {told.url} as the org's host", remedy="Set SALESFORCE_URL to the org's My Domain")


def answered(response: requests.Response, url: str, received_at: datetime) -> Answer:
    """A response of requests as an `Answer`; `url` without its query."""
    lowered = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.request.method or "", url, response.status_code, lowered, response.content, received_at)
