"""The only composition: every room's assets and checks, the resources they are given, and the jobs people press.

Not here: anything that does work.
"""

from types import ModuleType

import dagster as dg
from dagster_duckdb import DuckDBResource

from genesys_crm_assets import audit, catalogue, checks, dimensions, facts, marts, raw, resources, staging
from genesys_crm_assets.automation import jobs, schedules

ROOMS: tuple[ModuleType, ...] = (raw, staging, dimensions, facts, audit, marts)


def lake_of(told: dict[str, str] | None = None) -> resources.Lake:
    """The lake; `told` are variables that go before the environment, for tests and the demo."""
    environment = resources.Environment(told=told or {})
    return resources.Lake(environment=environment, engine=DuckDBResource(database=":memory:"), catalogue=catalogue.of(ROOMS))


def build_defs(told: dict[str, str] | None = None) -> dg.Definitions:
    """The code location; `told` as above."""
    environment = resources.Environment(told=told or {})
    return dg.Definitions(
        assets=[asset for room in ROOMS for asset in dg.load_assets_from_package_module(room)],
        asset_checks=dg.load_asset_checks_from_package_module(checks),
        jobs=jobs.ALL,
        schedules=schedules.ALL,
        executor=dg.in_process_executor,
        resources={
            "lake": lake_of(told),
            "genesys": resources.GenesysCloud(environment=environment),
            "salesforce": resources.Salesforce(environment=environment),
        },
    )


defs = build_defs()
