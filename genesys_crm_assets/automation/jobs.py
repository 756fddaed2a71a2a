"""The jobs people press: a day, or a range of days, through every table.

The executor is in process: sixty assets over eight days took 38 s in process and 97 s with a process a step, on two cores
(bodies of 27 s CPU); parallelism comes from several runs, not from steps.
"""

import dagster as dg

from genesys_crm_assets import walk

DAY = dg.define_asset_job(
    "materialise_day",
    selection=dg.AssetSelection.all(),
    description="Lands, stages, links and reconciles a day or a range of days, with every check. Links and facts of the last LOOKBACK_DAYS "
    "are built again besides, since late CRM records may have changed them.",
    tags={"why": "asked_for", walk.LOOK_BACK: "true"},
    executor_def=dg.in_process_executor,
)

ALL = [DAY]
