"""Rows as tables of Markdown. Not here: what is in them."""

from collections.abc import Mapping, Sequence
from typing import Any


def grid(rows: Sequence[Mapping[str, Any]], headings: Mapping[str, str]) -> str:
    """A Markdown table of some columns; shares with three digits, counts with thousands, `-` for null."""
    lines = ["| " + " | ".join(headings.values()) + " |"]
    numeric = [any(isinstance(row[key], int | float) for row in rows) for key in headings]
    lines.append("|" + "|".join("--:" if right else "---" for right in numeric) + "|")
    lines += ["| " + " | ".join(cell(row[key]) for key in headings) + " |" for row in rows]
    return "\n".join(lines)


def cell(value: Any) -> str:
    """One value as a table shows it."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
