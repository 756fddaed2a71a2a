"""Conversation aggregates, computed from the very metrics the details tell, by the moment each was emitted.

Counts of `n…` are sums of values; `t…` have max, min, count and sum in milliseconds; what has no data is absent. Not here: HTTP.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from genesys_crm_assets.sandbox import clock, vocabulary
from genesys_crm_assets.sandbox.draft import Body, Facets, Metric
from genesys_crm_assets.sandbox.refusals import Refusal, genesys, invalid_value
from genesys_crm_assets.sandbox.world import World

_WAITS = ("tAnswered", "tAbandon", "tFlowOut")
_DERIVED = {"tWait": _WAITS, "oServiceLevel": ("tAnswered", "tAbandon", "nOverSla")}
_OPERATORS = ("matches", "exists", "notExists")
_SERVICE_TARGET = 0.8

Cell = dict[str, list[int]]
Group = tuple[str, ...]


def answer(world: World, query: Body, known: int) -> Body:
    """The response to an aggregation query over everything emitted up to `known`.

    Raises:
        Refusal: a query Genesys would not accept (400).
    """
    start, end, step = _times(query)
    metrics = _metrics(query)
    dimensions = list(query.get("groupBy") or ())
    for dimension in dimensions:
        _check_dimension(dimension)
    wanted = {source for name in metrics for source in _DERIVED.get(name, (name,))}
    keep = _filter(query.get("filter") or {})
    cells: dict[Group, dict[int, Cell]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for metric in _emitted(world, start, min(end, known + 1)):
        if metric.name in wanted and keep(metric.facets):
            group = tuple(getattr(metric.facets, dimension, "") for dimension in dimensions)
            cells[group][(metric.emitted - start) // step][metric.name].append(metric.value)
    return {"results": [_container(dimensions, group, _buckets(cells[group], (start, end, step), metrics)) for group in sorted(cells)]}


def _emitted(world: World, start: int, end: int) -> Iterator[Metric]:
    for day in range(start // clock.DAY, (end - 1) // clock.DAY + 1):
        yield from (metric for metric in world.metrics.get(day, ()) if start <= metric.emitted < end)


def _container(dimensions: list[str], group: Group, data: list[Body]) -> Body:
    return {"group": {name: value for name, value in zip(dimensions, group, strict=True) if value}, "data": data}


def _buckets(cells: dict[int, Cell], times: tuple[int, int, int], metrics: list[str]) -> list[Body]:
    start, end, step = times
    found = []
    for bucket in sorted(cells):
        opens = start + bucket * step
        stats = [{"metric": name, "stats": summary} for name in metrics if (summary := _summary(name, cells[bucket]))]
        found.append({"interval": f"{clock.iso(opens)}/{clock.iso(min(opens + step, end))}", "metrics": stats})
    return found


def _summary(name: str, cell: Cell) -> Body:
    if name == "oServiceLevel":
        offered = len(cell.get("tAnswered", ())) + len(cell.get("tAbandon", ()))
        met = len(cell.get("tAnswered", ())) - sum(cell.get("nOverSla", ()))
        return {"ratio": round(met / offered, 6), "numerator": met, "denominator": offered, "target": _SERVICE_TARGET} if offered else {}
    values = [value for source in _DERIVED.get(name, (name,)) for value in cell.get(source, ())]
    if not values:
        return {}
    if name.startswith("n"):
        return {"count": sum(values)}
    return {"max": max(values), "min": min(values), "count": len(values), "sum": sum(values)}


def _times(query: Body) -> tuple[int, int, int]:
    try:
        start, end = clock.interval(str(query["interval"]))
        step = clock.period(query["granularity"]) if query.get("granularity") else end - start
        ZoneInfo(query.get("timeZone") or "UTC")
    except KeyError as error:
        raise Refusal(genesys(400, f"{error.args[0]} is required or unknown.")) from error
    except ValueError as error:
        raise Refusal(genesys(400, f"Invalid interval, granularity or time zone: {error}.", "invalid.date")) from error
    return start, end, step


def _metrics(query: Body) -> list[str]:
    metrics = query.get("metrics")
    if not isinstance(metrics, list) or not metrics:
        raise Refusal(genesys(400, "metrics is required."))
    for name in metrics:
        if name not in vocabulary.AGGREGATE_METRICS:
            raise invalid_value(name, "ConversationMetric", vocabulary.AGGREGATE_METRICS)
    if query.get("views") or query.get("queryType", "groupBy") != "groupBy":
        raise Refusal(genesys(400, "Views and ranked queries are not enabled for this organization."))
    return [str(name) for name in metrics]


def _check_dimension(dimension: object) -> None:
    if dimension not in vocabulary.AGGREGATE_DIMENSIONS:
        raise invalid_value(dimension, "ConversationDimension", vocabulary.AGGREGATE_DIMENSIONS)


def _filter(entry: Body) -> Callable[[Facets], bool]:
    kind = entry.get("type", "and")
    if kind not in {"and", "or"}:
        raise invalid_value(kind, "QueryFilterType", ("and", "or"))
    tests = [_predicate(predicate) for predicate in entry.get("predicates") or ()]
    tests += [_filter(clause) for clause in entry.get("clauses") or ()]
    combine = all if kind == "and" or not tests else any
    return lambda facets: combine(test(facets) for test in tests)


def _predicate(predicate: Body) -> Callable[[Facets], bool]:
    dimension, operator = predicate.get("dimension"), predicate.get("operator") or "matches"
    _check_dimension(dimension)
    if operator not in _OPERATORS:
        raise invalid_value(operator, "QueryOperator", _OPERATORS)
    name, value = str(dimension), predicate.get("value")
    if operator == "matches":
        return lambda facets: getattr(facets, name, "") == value
    return lambda facets: bool(getattr(facets, name, "")) is (operator == "exists")
