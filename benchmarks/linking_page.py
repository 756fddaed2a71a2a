"""`docs/linking.md` as text: tables from what was measured, and how to read them.

Every number on the page is computed. Not here: measuring (`linking.py`), the words for one miss (`linking_misses.py`), or the turn of the year
(`linking_year_end.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from benchmarks.grids import cell, grid
from benchmarks.linking_misses import CAUSES, HOWS
from benchmarks.linking_misses import told as told_miss

Row = dict[str, Any]
NAIVE = ("naive: exact timestamp", "naive: between created and closed")
BLIND = ("created_with", "touched_with", "open_case", "lookback")


@dataclass(frozen=True, slots=True)
class Scene:
    """What was run."""

    seeds: tuple[int, ...]
    start: date
    days: int
    per_day: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What was measured on some worlds: the demo's table, the worst misses, and the answer to each question by its name."""

    rules: list[Row]
    worst: list[Row]
    answers: Mapping[str, list[Row]]

    def one(self, question: str) -> Row:
        """The answer that is one row."""
        return self.answers[question][0]

    def rule(self, name: str) -> Row:
        """The demo's row of a rule; zeros where it linked nothing."""
        nothing = {"interactions": 0, "links": 0, "correct": 0, "precision": None, "recall": 0.0, "recall_in_reach": 0.0, "fan_out": None}
        return next((row for row in self.rules if row["rule"] == name), {"rule": name, **nothing})

    def every_rule(self) -> list[Row]:
        """The demo's rows, and one for each naive join that matched nothing."""
        return self.rules + [self.rule(name) for name in NAIVE if self.rule(name)["links"] == 0]


def written(scene: Scene, each: Mapping[int, Findings], together: Findings) -> str:
    """The whole page."""
    parts = [
        _opening(scene, together),
        _reading(together),
        _by_rule(each, together),
        _fan_out(together),
        _told_cases(each, together),
        _expectation(together),
        _candidates(together),
        _identity(together),
        _causes(together),
        _worst(together),
    ]
    return "\n\n".join(parts) + "\n"


def _opening(scene: Scene, together: Findings) -> str:
    seeds = ",".join(map(str, scene.seeds))
    return f"""# Linking: how good it is, where it errs, and how far to trust a link

Written by `python -m benchmarks.linking --seeds {seeds} --per-day {scene.per_day}` (`make linking SEEDS={seeds}`); do not edit it, run it again.
The same seeds give the same page.

**Evidence level: sandbox.** Worlds drawn from the seeds {", ".join(map(str, scene.seeds))}: {scene.days} days from {scene.start} and half of the day under
way, about {scene.per_day:,} conversations a day, {together.one("fan_out")["staged"]:,} staged interactions in all, each run through every asset and check.
The sandbox knows the true case of every conversation; the platform is told only what the vendors tell. Proportions below are the
sandbox's; of a real org `link_expectation` says what to expect, from its own told cases.

Precision: of the links given, the share that names the true case. Recall: of the interactions that truly had a case, the share that got
it; by rule it adds up. In reach: the same of those interactions whose true case was born, worked on, open or closed within two days, and known
to the CRM by then; no window can find the others, only what was told."""


def _reading(together: Findings) -> str:
    opened, best = together.one("open_cases"), together.rule("case_attribute")
    return f"""## What this means for a team

- `case_attribute`, `created_with` and `touched_with` are links to act on: {cell(best["precision"])}, {cell(together.rule("created_with")["precision"])}
  and {cell(together.rule("touched_with")["precision"])} precise here.
- `open_case` says "this customer had a case open", and names the newest. It is {cell(opened["precision"])} precise: of {opened["links"]:,} links,
  {opened["about_something_else"]:,} were given to conversations that were not about an open case at all (a question, a closed case, one logged
  later), and nothing told says so. Of the {opened["about_an_open_case"]:,} that truly were about one, {cell(opened["precision_of_these"])} got the right
  one; the sandbox's customers call about their newest open case at least seven times in ten, which flatters it. Use `open_case` for "how many contacts
  did customers with open cases make", not for "how many contacts did this case take"; or leave it out by `MATCH_RULES`.
- `lookback` is the same of cases just closed, at {cell(together.rule("lookback")["precision"])}.
- Each row of `unified_interactions` carries `link_precision`, what told cases of your own org say of its rule. For `open_case` and
  `lookback` read it as an upper bound: a told conversation always had a case, an untold one often had none (see below).
- What helps most is telling: a case id in the attributes wherever a screen-pop or bot knows it, and a contact id everywhere."""


def _by_rule(each: Mapping[int, Findings], together: Findings) -> str:
    headings = {
        "rule": "rule",
        "interactions": "interactions",
        "links": "links",
        "correct": "correct",
        "precision": "precision",
        "recall": "recall",
        "recall_in_reach": "recall in reach",
        "fan_out": "fan-out",
    }
    parts = [
        "## By rule, beside the naive joins",
        (
            "`all rules, told left out` is the blind answer for every interaction. The naive joins are given the customer that our linking found, "
            "so only the rule differs: equality of creation and start to the second, and a start between creation and closing."
        ),
        "### All seeds together\n\n" + grid(together.every_rule(), headings),
    ]
    parts += [f"### Seed {seed}\n\n" + grid(found.every_rule(), headings) for seed, found in each.items()]
    return "\n\n".join(parts)


def _fan_out(together: Findings) -> str:
    found = together.one("fan_out")
    return f"""## No fan-out

{found["staged"]:,} staged interactions, {found["links"]:,} rows of `interaction_links`, at most {found["most_of_one"]} of one interaction; the proof
`every_interaction_is_linked_once` held on each day before it was published. `BETWEEN created AND closed` matches {found["naive_matched"]:,} interactions
and makes {found["naive_rows"]:,} rows of them: {found["naive_doubled"]:,} are doubled, one becomes {found["naive_most_of_one"]} rows, and every sum over handle
time is wrong by as much."""


def _told_cases(each: Mapping[int, Findings], together: Findings) -> str:
    headings = {
        "told": "told",
        "interactions": "interactions",
        "holds": "holds",
        "contradicted": "contradicted",
        "unknown": "unknown to the CRM",
        "otherwise": "otherwise refused",
        "not_read_yet": "not read yet",
    }
    told = {row["told"]: row for row in together.answers["told"]}
    true, wrong = (told.get(which, dict.fromkeys(headings, 0)) for which in ("the true case", "another case"))
    every = (true["interactions"] + wrong["interactions"]) / max(wrong["interactions"], 1)
    known = wrong["holds"] + wrong["contradicted"]
    unopposed = true["holds"] / max(true["holds"] + known, 1)
    seeds = ", ".join(f"seed {seed} {cell(found.rule('case_attribute')['precision'])}" for seed, found in each.items())
    return f"""## Told cases: `case_attribute`

{grid(together.answers["told"], headings)}

One told case in {every:.0f} is wrong here; `case_attribute` is {cell(together.rule("case_attribute")["precision"])} precise ({seeds}).
The sandbox makes this easy: whoever tells a wrong case tells the caller's true contact and account beside it, so a stranger's case
contradicts them and falls. What holds wrongly is another case of the same customer, which nothing can contradict. Were no contact and no
account ever told beside a wrong case, all that the CRM knows would hold, and the precision would be {unopposed:.3f}: what this world would give
to somebody who believes every told case. `Not read yet` is the day under way, which is read without attributes until its job can run."""


def _expectation(together: Findings) -> str:
    headings = {
        "rule": "blind rule",
        "told_cases": "told cases that hold",
        "agreeing": "agreeing",
        "expected": "expected precision",
        "true_of_told": "true, told",
        "untold": "untold",
        "true_of_untold": "true, untold",
        "untold_with_case": "untold with a case",
        "true_of_untold_with_case": "true, untold with a case",
    }
    recall, rows = together.one("recall"), {row["rule"]: row for row in together.answers["expected"]}
    return f"""## What `link_expectation` says, beside the truth

The platform knows no truth. Where a case was told and holds, it compares the blind answer with it: agreeing ÷ told is the precision to
expect of a rule where nothing was told. Beside it what is true: of the same conversations, of the untold ones the rule answered, and of
those untold that truly had a case.

{grid(together.answers["expected"], headings)}

Recall to expect of the blind rules: {cell(recall["expected"])}; true of the told {cell(recall["told"])}, of the untold that had a case {cell(recall["untold"])}.

It is right about the sample it is taken from. It carries over to the untold for `created_with` and `touched_with` within
{_points(rows, ("created_with", "touched_with"))}. It is too good by {_points(rows, ("open_case",))} for `open_case` and by {_points(rows, ("lookback",))} for `lookback`:
a told conversation always had a case, while among the untold there are those about no case, and these two rules answer them all the same.
The last column leaves those out; what gap is left there comes from cases that were logged later or closed long before."""


def _points(rows: Mapping[str, Row], names: Sequence[str]) -> str:
    gaps = [
        100 * abs(rows[name]["expected"] - rows[name]["true_of_untold"])
        for name in names
        if name in rows and None not in {rows[name]["expected"], rows[name]["true_of_untold"]}
    ]
    return f"{max(gaps):.0f} points" if gaps else "an unknown amount (too few)"


def _candidates(together: Findings) -> str:
    headings = {
        "rule": "rule",
        "shown": "candidates",
        "links": "links",
        "precision": "precision",
        "about_a_case_in_reach": "about a case in reach",
        "precision_of_these": "precision of these",
    }
    rows = [{**row, "shown": _candidates_shown(row["candidates"])} for row in together.answers["candidates"]]
    return f"""## By number of candidates

`match_candidates` counts the customer's cases that any rule would accept. One candidate does not mean certainty: the conversation may be
about none. The last two columns leave out conversations about no case or about one out of reach, which shows what choosing between several costs.

{grid(rows, headings)}"""


def _candidates_shown(count: int) -> str:
    return "5 or more" if count == 5 else str(count)  # noqa: PLR2004 - where linking.candidates.sql stops counting


def _identity(together: Findings) -> str:
    headings = {
        "method": "customer found by",
        "interactions": "interactions",
        "links": "links",
        "precision": "precision",
        "recall": "recall",
    }
    across = {
        "shown": "truly about",
        "interactions": "interactions",
        "customer_found": "customer found",
        "case_attribute": "`case_attribute`",
    }
    across |= {rule: f"`{rule}`" for rule in (*BLIND, "none")}
    truths = [{**row, "shown": HOWS[row["how"]]} for row in together.answers["truths"]]
    return f"""## By how the customer was found

{grid(together.answers["methods"], headings)}

Where only the account is told, every contact's cases are candidates; hence its lower precision.

What the conversations were truly about, and which rule answered (right of all; `none` is right where there was no case):

{grid(truths, across)}

A customer who cannot be found costs recall whatever the rules: no window is tried. A true case out of reach is right only where it was told."""


def _causes(together: Findings) -> str:
    headings = {"shown": "cause", "interactions": "interactions", "case_attribute": "`case_attribute`"}
    headings |= {rule: f"`{rule}`" for rule in BLIND} | {"none": "no link"}
    rows = [{**row, "shown": CAUSES[row["cause"]]} for row in together.answers["causes"]]
    unexplained = sum(row["interactions"] for row in rows if row["cause"] == "unexplained")
    earlier = sum(row["open_case"] for row in rows if row["cause"] == "rule_before")
    said = "None is unexplained" if not unexplained else f"**{unexplained} are unexplained**"
    return f"""## Where the misses come from

Every interaction without the right answer, once, by the rule that answered. The causes are worked out from the tables: §6.3 is applied anew
to the true and the linked case of each. {said}: wherever a rule could have given the true case, §6.3 itself prefers another.

{grid(rows, headings)}

The costliest choice in the order of rules: `open_case` goes before `lookback`, so {earlier:,} conversations about a case just closed were given an
older one of the same customer that was still open."""


def _worst(together: Findings) -> str:
    items = "\n".join(told_miss(place, miss) for place, miss in enumerate(together.worst, start=1))
    return f"""## The ten worst misses, one by one

Worst is what misleads most: a wrong link before a missing one, the more trusted rule first, then the fewest candidates. Causes take turns,
the most frequent first, so that ten misses are not ten times the same. Ids are the sandbox's.

{items}"""
