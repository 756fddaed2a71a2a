"""The seam: configuration in, the two libraries out. The only room that reads environment variables, and only when first used.

Builds on dagster-duckdb (the engine) and dagster-aws (secrets kept in a vault). Not here: what assets do with a lake or a vendor.
"""

import hashlib
import json
import logging
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

import dagster as dg
from botocore.exceptions import BotoCoreError, ClientError
from dagster_aws.secretsmanager import SecretsManagerResource
from dagster_duckdb import DuckDBResource
from pydantic import Field

from genesys_crm_assets import mapping, partitions, settings
from genesys_crm_assets.lake import lag
from genesys_crm_assets.lake.body import Body, Read
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.durable import Failpoints
from genesys_crm_assets.lake.engines import Engines, spare
from genesys_crm_assets.lake.errors import LakeError, TransientLakeError
from genesys_crm_assets.lake.session import Sight
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.lake.warehouse import Catalogue, Warehouse
from genesys_crm_assets.sources.errors import SourceError, Transient
from genesys_crm_assets.sources.genesys import regions
from genesys_crm_assets.sources.genesys.client import Genesys
from genesys_crm_assets.sources.genesys.feeds import FEEDS
from genesys_crm_assets.sources.pacing import Limiter
from genesys_crm_assets.sources.salesforce.org import SalesforceOrg

_SALESFORCE_TOGETHER = 5
"""Requests longer than 20 s that may run at once in the smallest org (Salesforce: allocations)."""

EXPLAINED = (LakeError, SourceError, mapping.MappingRefused, settings.SettingRefused)
"""Errors whose message says what happened and what to do."""

_VAULT = "aws-secretsmanager:"


class Environment(dg.ConfigurableResource):
    """Variables of §5.2, each read when first asked for; what is told here goes before the environment (tests, the demo)."""

    told: dict[str, str] = Field(default={}, description="Variables that go before the process environment.")

    def text(self, name: str) -> str:
        """The variable as text, its default where it is not set; `SettingRefused` where it has no default."""
        default = settings.DEFAULTS.get(name)
        found = self.told.get(name) or dg.EnvVar(name).get_value() or default
        if found is None:
            raise settings.SettingRefused(f"{name} is not set; set it in the environment or in .env (see .env.example)")
        return found

    def optional(self, name: str) -> str:
        """The variable as text, empty where it is neither set nor has a default."""
        return self.told.get(name) or dg.EnvVar(name).get_value() or settings.DEFAULTS.get(name) or ""

    def number(self, name: str) -> float:
        """The variable as a number above nought; `SettingRefused` for anything else."""
        try:
            found = float(self.text(name))
        except ValueError:
            found = 0.0
        if not 0 < found < math.inf:
            raise settings.SettingRefused(f"{name} is no number above nought; see .env.example")
        return found

    def place(self, name: str) -> Path:
        """The variable as an absolute path; a relative one is relative to `DAGSTER_HOME` (§5.1). Raises `SettingRefused` for an address."""
        told = self.optional(name) or ("data/state" if name == "STATE_DIR" else "")
        if not told or "://" in told:
            raise settings.SettingRefused(f"{name} must be a path of this machine; a lake on S3 comes later")
        return self.from_home(told)

    def from_home(self, told: str) -> Path:
        """A path as told, absolute; a relative one is relative to `DAGSTER_HOME` (§5.1)."""
        return (Path(self.optional("DAGSTER_HOME") or ".") / told).resolve()

    def now(self) -> datetime:
        """The wall clock, aware UTC; `CLOCK` stands in for it over a sandbox."""
        told = self.optional("CLOCK")
        if not told:
            return datetime.now(UTC)
        try:
            moment = datetime.fromisoformat(told)
        except ValueError as problem:
            raise settings.SettingRefused("CLOCK is no moment; write it as 2026-11-21T12:00:00Z, or leave it empty") from problem
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def words(self) -> mapping.Mapping:
        """The org's mapping."""
        return mapping.read(self.place("MAPPING_FILE") if self.optional("MAPPING_FILE") else mapping.PACKAGED)


class Lake(dg.ConfigurableResource):
    """The lake of this configuration: builds, publishes and shows tables."""

    environment: dg.ResourceDependency[Environment]
    engine: dg.ResourceDependency[DuckDBResource]
    catalogue: dg.ResourceDependency[Catalogue]

    @cached_property
    def storage(self) -> Folder:
        """The folder tables lie in."""
        # Dying on purpose is for tests over a sandbox, whose clock stands still; a real clock disarms it.
        failpoints = Failpoints(self.environment.optional("FAILPOINT") if self.environment.optional("CLOCK") else "")
        return Folder(self.environment.place("LAKE_URL"), self.environment.place("STATE_DIR") / "locks", failpoints)

    @cached_property
    def sight(self) -> Sight:
        """What bodies may see."""
        row = settings.row(self.environment.optional, self.environment.words())
        return Sight(self.storage, Engines(self.engine.get_connection).empty, row, self.first_day, tuple(self.catalogue.views()))

    @property
    def first_day(self) -> date:
        """The first day of the calendar."""
        return partitions.START_DATE

    @property
    def absent(self) -> set[str]:
        """The sources that `SOURCES_ABSENT` names."""
        return {part.strip() for part in self.environment.optional("SOURCES_ABSENT").split(",") if part.strip()}

    @property
    def journals(self) -> Path:
        """The folder of pages under way."""
        return self.environment.place("STATE_DIR") / "journal"

    def builder(self, run_id: str, told: Mapping[str, str] | None = None) -> Builder:
        """Builds objects on behalf of one run; `told` are settings that go before the configured ones."""
        sight = self.sight
        if told:
            row = settings.row(lambda name: told.get(name) or self.environment.optional(name), self.environment.words())
            sight = replace(sight, settings=row)
        return Builder(sight, run_id, self.environment.now().replace(tzinfo=None), self.environment.optional("CLOCK"))

    def lagging(self, table: Table, body: Body) -> list[date]:
        """The days of a table that no longer say what their sources say (§4)."""
        return lag.lagging(self.storage, table, body)

    def days_before(self, asked: Sequence[date], table: Table, body: Body) -> list[date]:
        """The days inside `LOOKBACK_DAYS` before those asked for of which a table has an object, and so do all it follows."""
        first = min(asked, default=self.first_day) - timedelta(days=int(self.environment.text("LOOKBACK_DAYS")))
        held = set(self.storage.days(table)).intersection(*(self.storage.days(followed) for followed in body.follows))
        return [day for day in sorted(held) if first <= day < min(asked, default=first)]

    def warehouse(self) -> Warehouse:
        """The analyst's door."""
        return Warehouse(self.environment.place("WAREHOUSE_PATH"), self.storage, self.catalogue, self.sight.settings)

    @contextmanager
    def shown(self, table: Table, newest: int) -> Iterator[Any]:
        """A session in which a view shows the newest days; marts make nothing of papers."""
        reads = [Read(one, papers=one.layer == "audit") for one, _ in self.sight.views if one.name == table.name]
        with self.sight.session(reads, None, newest=newest) as engine:
            spare(engine)
            yield engine

    @contextmanager
    def seen(self, reads: tuple[Read, ...], newest: int = 0) -> Iterator[Any]:
        """A session over declared upstreams, for checks across tables."""
        with self.sight.session(reads, None, newest=newest) as engine:
            yield engine


class GenesysCloud(dg.ConfigurableResource):
    """One Genesys Cloud org, by the variables of §5.2."""

    environment: dg.ResourceDependency[Environment]

    @property
    def feed(self) -> str:
        """The interaction feed to extract; `SettingRefused` for one that is not known."""
        named = self.environment.text("GENESYS_FEED")
        if named not in FEEDS:
            raise settings.SettingRefused(f"GENESYS_FEED knows {', '.join(FEEDS)}; name one of these")
        return named

    @contextmanager
    def client(self) -> Iterator[Genesys]:
        """A client of the org, closed afterwards; all processes share one limiter in the state folder (P7)."""
        # httpx tells every URL with its query at INFO; our own lines say what is needed without it (P8).
        logging.getLogger("httpx").setLevel(logging.WARNING)
        told = self.environment
        region = told.text("GENESYS_REGION")
        api = told.optional("GENESYS_API_URL") or regions.api_url(region)
        most, together = int(told.number("GENESYS_REQUESTS_PER_MINUTE")), int(told.number("GENESYS_MAX_CONCURRENT_REQUESTS"))
        with closing(_limiter(told, "genesys", api, most, together)) as limiter:
            client = Genesys(
                api_url=api,
                login_url=told.optional("GENESYS_LOGIN_URL") or regions.login_url(region),
                client_id=told.text("GENESYS_CLIENT_ID"),
                client_secret=lambda: secret(told, "GENESYS_CLIENT_SECRET"),
                limiter=limiter,
                clock=told.now,
                sleep=time.sleep,
                monotonic=time.monotonic,
                random=random.SystemRandom().random,
            )
            with closing(client):
                yield client


class Salesforce(dg.ConfigurableResource):
    """One Salesforce org, by the variables of §5.2."""

    environment: dg.ResourceDependency[Environment]

    @contextmanager
    def client(self) -> Iterator[SalesforceOrg]:
        """A client of the org, closed afterwards; all processes share one limiter in the state folder (P7)."""
        told = self.environment
        url = told.text("SALESFORCE_URL")
        refresh = (lambda: secret(told, "SALESFORCE_REFRESH_TOKEN")) if told.optional("SALESFORCE_REFRESH_TOKEN") else None
        with closing(
            _limiter(told, "salesforce", url, int(told.number("SALESFORCE_REQUESTS_PER_MINUTE")), _SALESFORCE_TOGETHER)
        ) as limiter:
            client = SalesforceOrg(
                url=url,
                client_id=told.text("SALESFORCE_CLIENT_ID"),
                client_secret=lambda: secret(told, "SALESFORCE_CLIENT_SECRET"),
                refresh_token=refresh,
                version=told.text("SALESFORCE_API_VERSION"),
                daily_share=told.number("SALESFORCE_DAILY_SHARE"),
                limiter=limiter,
                clock=told.now,
                sleep=time.sleep,
                monotonic=time.monotonic,
                random=random.SystemRandom().random,
            )
            with closing(client):
                yield client


def secret(environment: Environment, name: str) -> str:
    """A secret variable's value: itself, or the vault entry it names as `aws-secretsmanager:<secret-id>#<key>`, read each time it is asked for.

    Raises `SettingRefused` where the entry cannot be read; the message names the variable, never the value.
    """
    told = environment.text(name)
    if not told.startswith(_VAULT):
        return told
    entry, _, key = told.removeprefix(_VAULT).partition("#")
    try:
        found = SecretsManagerResource().get_client().get_secret_value(SecretId=entry)["SecretString"]
        return str(json.loads(found)[key]) if key else str(found)
    except (BotoCoreError, ClientError, KeyError, ValueError) as problem:
        what = f"{name} names a vault entry that cannot be read ({type(problem).__name__})"
        raise settings.SettingRefused(f"{what}; check the entry, its key and the AWS role") from None


def _limiter(environment: Environment, vendor: str, org: str, most: int, together: int) -> Limiter:
    place = environment.place("STATE_DIR") / "limits" / f"{vendor}-{hashlib.sha256(org.encode()).hexdigest()[:12]}"
    return Limiter(place, requests_per_minute=most, max_concurrent=together, clock=time.time, sleep=time.sleep)


def explained(run: Callable[..., Any]) -> Callable[..., Any]:
    """What the libraries and the settings raise becomes a Dagster failure of one sentence; what may pass may be retried."""

    @wraps(run)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return run(*args, **kwargs)
        except EXPLAINED as error:
            raise dg.Failure(str(error), allow_retries=isinstance(error, TransientLakeError | Transient)) from None

    return told
