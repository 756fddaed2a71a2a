"""One sandbox, and one lake that nothing ever disturbed, for all tests of the platform as a whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from genesys_crm_assets.sandbox.server import Sandbox, running
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import House


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every run of the whole graph takes half a minute of a core; the demo is the one that every change pays for."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="package")
def vendors() -> Iterator[Sandbox]:
    """Both vendors; nobody moves their clock."""
    with running(house.PLAN) as sandbox:
        yield sandbox


@pytest.fixture(scope="package")
def undisturbed(vendors: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Both days through every table in one run; nobody writes here."""
    lake = house.of(tmp_path_factory.mktemp("undisturbed"), vendors)
    assert lake.run([house.FIRST, house.SECOND]).success
    return lake


@pytest.fixture
def empty(vendors: Sandbox, tmp_path: Path) -> House:
    """An empty house at the same vendors."""
    return house.of(tmp_path, vendors)
