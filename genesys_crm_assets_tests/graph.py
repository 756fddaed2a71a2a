"""The asset graph as text, one line an asset: `asset ← upstreams · partition`. Run as `python -m genesys_crm_assets_tests.graph > docs/graph.txt`.

Reviewed in the difference of a change, where a picture cannot be. Not here: what must hold of the graph (`test_graph`).
"""

import sys
from collections.abc import Iterator

import dagster as dg

from genesys_crm_assets.definitions import ROOMS, build_defs


def lines(defs: dg.Definitions) -> Iterator[str]:
    """The assets in the order of the flow, room by room, by name."""
    rooms = [room.__name__.rpartition(".")[2] for room in ROOMS]
    specs = sorted(defs.resolve_all_asset_specs(), key=lambda spec: (rooms.index(spec.group_name or ""), spec.key.to_user_string()))
    for spec in specs:
        upstreams = ", ".join(sorted(dep.asset_key.to_user_string() for dep in spec.deps)) or (
            "the vendor" if spec.group_name == "raw" else "nothing"
        )
        partition = "daily" if spec.partitions_def is not None else "whole"
        yield f"{spec.key.to_user_string()} ← {upstreams} · {partition}"


def text(defs: dg.Definitions) -> str:
    """The whole graph."""
    return "\n".join(lines(defs)) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text(build_defs()))
