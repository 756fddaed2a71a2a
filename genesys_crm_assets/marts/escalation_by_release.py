"""One row per release and customer tier: how often customers escalated in the week before it, how often in the week from it, and whether by chance.

Built whole on every run from `unified_interactions` by their start, half-open weeks of 168 hours, for every release of `dim_product_release`
and every tier that occurs. With `NULL_CRM_POLICY=block` the rows of a release with a biased day in its weeks stay as they were, or are absent
as long as they never were. Customers without a tier are absent, and so are interactions of nobody (S1-2, §6.8).
Do not read a row before `is_complete`, nor a difference as caused by the release: two releases within a week share their contacts.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.audit import data_status
from genesys_crm_assets.dimensions import product_release
from genesys_crm_assets.lake import parquet
from genesys_crm_assets.lake.body import Body, Day, Read, sql_beside
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.marts import proportions, unified_interactions

_CONTACTS = ("unified_interactions.interaction_id", "unified_interactions.interaction_timestamp_utc", "dim_product_release.released_at")
_ESCALATIONS = ("unified_interactions.was_escalated", "unified_interactions.interaction_timestamp_utc", "dim_product_release.released_at")

TABLE = Table(
    name="escalation_by_release",
    layer="marts",
    description=__doc__,
    key=("release", "product", "released_at", "customer_tier"),
    columns=(
        Column("release", "varchar", "Name of the release.", required=True, comes_from=("dim_product_release.release",)),
        Column("product", "varchar", "Its product; null where the list names none.", comes_from=("dim_product_release.product",)),
        Column("released_at", "timestamp", "When it was released, UTC.", required=True, comes_from=("dim_product_release.released_at",)),
        Column(
            "customer_tier",
            "varchar",
            "Tier at the interaction.",
            required=True,
            comes_from=("unified_interactions.customer_tier_at_interaction",),
        ),
        Column("contacts_before", "bigint", "Interactions in the 168 hours before the release.", required=True, comes_from=_CONTACTS),
        Column("escalations_before", "bigint", "Of these, escalated ones.", required=True, comes_from=_ESCALATIONS),
        Column("rate_before_pct", "double", "Escalations in per cent of these; null without any.", comes_from=_ESCALATIONS),
        Column("contacts_after", "bigint", "Interactions in the 168 hours from the release.", required=True, comes_from=_CONTACTS),
        Column("escalations_after", "bigint", "Of these, escalated ones.", required=True, comes_from=_ESCALATIONS),
        Column("rate_after_pct", "double", "Escalations in per cent of these; null without any.", comes_from=_ESCALATIONS),
        Column(
            "difference_points",
            "double",
            "Rate after minus rate before, in points of per cent; null where a week has no interaction.",
            comes_from=_ESCALATIONS,
        ),
        Column(
            "difference_low_points",
            "double",
            "Lower end of its 95 % interval (Newcombe's hybrid score, unadjusted); null where a week has no interaction.",
            comes_from=_ESCALATIONS,
        ),
        Column("difference_high_points", "double", "Upper end of that interval.", comes_from=_ESCALATIONS),
        Column(
            "p_value",
            "double",
            "Two-sided pooled z-test; null where a week has no interaction, or none or every one of both is escalated.",
            comes_from=_ESCALATIONS,
        ),
        Column("p_adjusted", "double", "That, adjusted by Holm over the tiers of the release.", comes_from=_ESCALATIONS),
        Column("is_significant", "boolean", "The adjusted p is below 0.05.", required=True, comes_from=_ESCALATIONS),
        Column(
            "is_complete",
            "boolean",
            "Every UTC day of both weeks is final, the first and the last one too, which belong to them in part.",
            required=True,
            comes_from=("data_status.is_final",),
        ),
    ),
    daily=False,
)


def judged(session: duckdb.DuckDBPyConnection, _day: Day) -> pa.Table:
    """The counts of each release with what they prove, and the standing rows of releases that are not judged anew."""
    counts = session.sql("select * from counts order by release, product, released_at, customer_tier").to_arrow_table().to_pylist()
    standing = session.sql(_STANDING).to_arrow_table().to_pylist()
    rows = [row for _, release in groupby(counts, itemgetter("release", "product", "released_at")) for row in _compared(list(release))]
    return pa.Table.from_pylist([*rows, *standing], schema=body_schema(TABLE))


def _compared(tiers: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    befores = [proportions.Share(tier["escalations_before"], tier["contacts_before"]) for tier in tiers]
    afters = [proportions.Share(tier["escalations_after"], tier["contacts_after"]) for tier in tiers]
    found = [proportions.difference(before, after) for before, after in zip(befores, afters, strict=True)]
    adjusted = proportions.holm([one.p_value for one in found])
    for tier, before, after, one, p_adjusted in zip(tiers, befores, afters, found, adjusted, strict=True):
        yield {
            **tier,
            "rate_before_pct": before.percent,
            "rate_after_pct": after.percent,
            "difference_points": one.points,
            "difference_low_points": one.low,
            "difference_high_points": one.high,
            "p_value": one.p_value,
            "p_adjusted": p_adjusted,
            "is_significant": p_adjusted is not None and p_adjusted < proportions.LEVEL,
        }


_STANDING = sql_beside(__file__, "standing")
_UNLISTED = "no release is listed; name a list in [releases] csv or soql of the mapping and see raw_salesforce_releases"
_UNTIERED = "no customer with a tier has had an interaction, or every release is held back"

BODY = Body(
    reads=(Read(product_release.TABLE), Read(unified_interactions.TABLE, papers=False), Read(data_status.TABLE, papers=False), Read(TABLE)),
    steps=(("windows", sql_beside(__file__, "windows")), ("counts", sql_beside(__file__, "counts"))),
    python=judged,
    marks=(("releases_held", "select count(*) filter (where is_held) from windows"),),
)


def made(lake: resources.Lake, builder: Builder) -> walk.Made:
    """Judge every release, and say how many are held back by `NULL_CRM_POLICY`, and why there is no row where there is none."""
    with lake.seen((Read(product_release.TABLE),)) as session:
        listed = session.execute("select count(*) from dimensions.dim_product_release").fetchall()[0][0]
    if not listed:
        # Without a release there is nothing to ask of every interaction there ever was.
        nothing = Body(reads=(), python=lambda _session, _day: body_schema(TABLE).empty_table())
        return walk.Made(builder.aside(TABLE, nothing, None), {"releases": 0, "why_empty": _UNLISTED})
    aside = builder.aside(TABLE, BODY, None)
    figures = {"releases": listed, "releases_held": int(parquet.papers(aside.path).get("releases_held"))}
    return walk.Made(aside, figures if aside.rows else {**figures, "why_empty": _UNTIERED})


@graph.asset(TABLE, BODY)
def escalation_by_release(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.once(context, lake, TABLE, lambda builder: made(lake, builder))
