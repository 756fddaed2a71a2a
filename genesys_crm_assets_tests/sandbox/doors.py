"""Both vendors as a client sees them: what the room's tests ask them with."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx

from genesys_crm_assets.sandbox.server import Plan, Sandbox

START = date(2026, 1, 5)
NOW = datetime(2026, 1, 8, 12, tzinfo=UTC)
PLAN = Plan(seed=11, start=START, days=3, per_day=600)
JOBS = "/api/v2/analytics/conversations/details/jobs"
QUERY = "/api/v2/analytics/conversations/details/query"
AGGREGATES = "/api/v2/analytics/conversations/aggregates/query"


@dataclass
class Ticker:
    """Real time that a test moves by hand."""

    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Vendors:
    """Both vendors as a client sees them, and the sandbox behind them."""

    sandbox: Sandbox
    ticker: Ticker
    genesys: httpx.Client
    salesforce: httpx.Client

    def job(self, interval: str, **query: Any) -> str:
        """Submit a job and let it finish."""
        job_id: str = self.genesys.post(JOBS, json={"interval": interval, **query}).json()["jobId"]
        self.ticker.seconds += 1
        return job_id

    def pages(self, job_id: str, **params: Any) -> list[dict[str, Any]]:
        """Every page of a job's results."""
        found = [self.genesys.get(f"{JOBS}/{job_id}/results", params=params).json()]
        while "cursor" in found[-1]:
            found.append(self.genesys.get(f"{JOBS}/{job_id}/results", params={**params, "cursor": found[-1]["cursor"]}).json())
        return found

    def records(self, interval: str, **query: Any) -> list[Any]:
        """Every record of a new job."""
        return [record for page in self.pages(self.job(interval, **query)) for record in page.get("conversations", ())]

    def soql(self, text: str, endpoint: str = "query") -> list[dict[str, Any]]:
        """Every record of a query."""
        body = self.salesforce.get(f"/services/data/v68.0/{endpoint}", params={"q": text}).json()
        records: list[dict[str, Any]] = body["records"]
        while not body["done"]:
            body = self.salesforce.get(body["nextRecordsUrl"]).json()
            records += body["records"]
        return records


def genesys_client(sandbox: Sandbox) -> httpx.Client:
    """A client with a token."""
    told = sandbox.environment
    client = httpx.Client(base_url=told["GENESYS_API_URL"])
    grant = {"grant_type": "client_credentials"}
    answer = client.post("/oauth/token", auth=(told["GENESYS_CLIENT_ID"], told["GENESYS_CLIENT_SECRET"]), data=grant)
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


def salesforce_client(sandbox: Sandbox) -> httpx.Client:
    """A client with a session."""
    told = sandbox.environment
    client = httpx.Client(base_url=told["SALESFORCE_URL"])
    grant = {"grant_type": "client_credentials"}
    answer = client.post("/services/oauth2/token", auth=(told["SALESFORCE_CLIENT_ID"], told["SALESFORCE_CLIENT_SECRET"]), data=grant)
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


def connected(sandbox: Sandbox, ticker: Ticker) -> Vendors:
    """Both vendors of a running sandbox, logged in."""
    return Vendors(sandbox, ticker, genesys_client(sandbox), salesforce_client(sandbox))
