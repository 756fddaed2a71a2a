"""Genesys Cloud conversations and Salesforce cases in one Dagster asset graph: the map of the house.

Data flows one way; the folder is the layer, the Dagster group, the lake folder and the DuckDB schema.

    sources/      speaks to vendors; has never heard of Dagster, DuckDB or a table
    lake/         holds tables; has never heard of Dagster or a vendor
    partitions.py, mapping.py, settings.py      the calendar, the org's words, what configuration says to tables
    resources.py  the seam: configuration in, the two libraries out
    graph.py, walk.py, preview.py               a table as an asset; a run, day by day; a glance at rows
    raw/          as the vendor said it, plus when we asked
    staging/      one row per thing, typed, in our words; and the records that could not be
    dimensions/   who and what, with memory
    facts/        what happened, once; the links; and the interactions set aside
    audit/        what we know about ourselves
    marts/        answers
    checks/       what must be true across tables
    automation/   when
    catalogue.py  every table of the house; definitions.py  the only composition
    sandbox/      both vendors as one small stateful application; imports nothing of ours
    cli.py        genesys-crm
"""
