"""One small world and one running sandbox for the room's tests; what needs other limits starts its own."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.server import running
from genesys_crm_assets.sandbox.world import World
from genesys_crm_assets_tests.sandbox.doors import NOW, PLAN, START, Ticker, Vendors, connected


@pytest.fixture(scope="session")
def world() -> World:
    """A world of three days."""
    drawn = World(PLAN.seed, START, PLAN.days, PLAN.per_day)
    drawn.ensure(clock.of(NOW))
    return drawn


@pytest.fixture(scope="session")
def vendors() -> Iterator[Vendors]:
    """The same world behind its two doors, with real time that stands still until moved."""
    ticker = Ticker()
    with running(replace(PLAN, requests_per_minute=100_000), monotonic=ticker) as sandbox:
        both = connected(sandbox, ticker)
        yield both
        both.genesys.close()
        both.salesforce.close()
