"""What a sandbox is asked to be: the seed, the days, the clock, the ports, the faults, and the vendors' limits.

Not here: the sandbox itself (`server.py`).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True)
class Plan:
    """A sandbox to be started.

    `days` complete UTC days, of about `per_day` conversations each, before the day of `now` (or from `start` on), and the day under way.
    `now` is where the content clock stands, UTC; without it 12:00 UTC of `start` + `days`, and without that the minute of starting.
    Port 0 takes a free one. The rest are the vendors' limits, in real seconds where they are durations; `lag` is how far Genesys' lake
    is behind the content clock.

    `absent` names sources that the org has no licence or permission for: `external_contacts`, `adherence`, `reference` at Genesys,
    `opportunities`, `releases`, `field_history` at Salesforce. Their doors refuse as the vendor does.
    Of Salesforce's fields, `hidden` ones (`Account.Customer_LTV_USD__c`) are withheld by field-level security, `retyped` ones
    (`Account.AnnualRevenue:string`) are described as of another type, and `added` ones (`Account.Loyalty__c:string`) are there and empty.
    """

    seed: int = 7
    start: date | None = None
    days: int = 7
    per_day: int = 2000
    now: datetime | None = None
    genesys_port: int = 0
    salesforce_port: int = 0
    faults: Path | None = None
    genesys_client_id: str = "sandbox-genesys-client"
    genesys_client_secret: str = "sandbox-genesys-secret"  # noqa: S105 - opens nothing but this process on loopback
    salesforce_client_id: str = "sandbox-salesforce-client"
    salesforce_client_secret: str = "sandbox-salesforce-secret"  # noqa: S105 - likewise
    salesforce_refresh_token: str = "sandbox-refresh"  # noqa: S105 - likewise
    lag: timedelta = timedelta(hours=10)
    requests_per_minute: int = 300
    token_seconds: int = 86_399
    job_seconds: float = 0.3
    job_lifetime: float = 86_400.0
    results_page_size: int = 1_000
    interval_days: int = 31
    session_idle_seconds: float = 7_200.0
    daily_requests: int = 100_000
    query_page_size: int = 2_000
    absent: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    signed_url_seconds: float = 600.0
