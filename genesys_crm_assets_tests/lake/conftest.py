"""A lake of toys in a temporary folder."""

from pathlib import Path

import pytest

from genesys_crm_assets_tests.lake.toys import ToyLake


@pytest.fixture
def toys(tmp_path: Path) -> ToyLake:
    """An empty lake."""
    return ToyLake(tmp_path)
