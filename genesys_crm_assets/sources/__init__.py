"""The vendors: how to ask them, how to tell an answer from a fault, and what to do about the fault.

A library that could be published by itself. It takes its transport, clock, sleep and randomness as arguments, hands back pages
with their bytes as they came, and raises the errors of `errors.py`.
It must not learn of Dagster, of DuckDB, of a table, or of environment variables (their names stand in remedies, nothing reads them).
"""
