"""Plain words for a wrong or missing link: what was linked, what is true, and why, all from one row of `judged`.

Not here: which misses are told (`linking.worst.sql`), or what makes a cause (`linking.judged.sql`).
"""

from collections.abc import Callable
from typing import Any

Miss = dict[str, Any]

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

CAUSES = {
    "about_nothing": "it was about no case, but its customer has cases a rule accepts",
    "nobody_known": "nothing told says who it was",
    "shared_number": "the number belongs to several contacts",
    "logged_later": "its case was logged a day or more later, out of reach",
    "created_late": "its case was logged hours later, at the turn of the year, out of reach of the usual window",
    "closed_before": "its case had been closed for long, out of reach",
    "rule_before": "an earlier rule found another case of the customer",
    "nearer_case": "by the same rule another case of the customer was nearer",
    "former_account": "only the account was told, and its case lies with the account its customer belonged to before",
    "colleague": "only the account was told, and a colleague's case went first",
    "still_open": "still open: its window ends near its start, its case came later",
    "not_yet_in_crm": "the CRM did not have its case yet",
    "told_wrong": "a wrong case was told, and nothing contradicted it",
    "stranger": "a stranger called from a contact's number",
    "unexplained": "not explained by the rules: a bug, or a case this page does not know",
}
HOWS = {
    "created": "a case opened meanwhile",
    "created_late": "a case opened by it, logged hours later (out of reach but inside a configured period)",
    "touched": "an open case, worked on meanwhile",
    "open": "an open case, untouched",
    "recent": "a case closed within the last two days",
    "closed_before": "a case closed long before (out of reach)",
    "logged_later": "a case logged a day or more later (out of reach)",
    "no_case": "no case",
    "anonymous": "no case, caller unknown to the CRM",
}


def told(place: int, miss: Miss) -> str:
    """One miss as a numbered item of a list."""
    length = "not ended when told" if miss["is_open"] else lasting(miss["duration_ms"])
    return "\n".join(
        [
            (
                f"{place}. **{CAUSES[miss['cause']].capitalize()}.** Conversation `{miss['interaction_id']}` "
                f"(seed {miss['seed']}, {miss['media_type']}, {miss['started']:%Y-%m-%d %H:%M} UTC, {length})."
            ),
            f"   - linked: {_linked(miss)}",
            f"   - true: {_true(miss)}",
            f"   - why: {_WHY[miss['cause']](miss)}",
        ]
    )


def lasting(ms: int) -> str:
    """A span of time in the unit it is read in."""
    span = abs(ms)
    if span < MINUTE:
        return f"{span / 1000:.0f} s"
    if span < 2 * HOUR:
        return f"{span / MINUTE:.0f} min"
    return f"{span / HOUR:.1f} h" if span < 2 * DAY else f"{span / DAY:.1f} days"


def _linked(miss: Miss) -> str:
    if miss["linked_case_id"] is None:
        found = f"the customer was found by `{miss['link_method']}`" if miss["link_method"] else "no customer was found"
        return f"no case; {found}"
    customer = "" if miss["link_method"] == "case_attribute" else f", customer by `{miss['link_method']}`"
    return f"{_case(miss['linked_case'])}; by `{miss['case_match_rule']}`{customer}, {_counted(miss['match_candidates'])}"


def _true(miss: Miss) -> str:
    if miss["true_case_id"] is None:
        return HOWS[miss["how"]]
    if miss["true_case"]["case_id"] is None:
        return f"case `{miss['true_case_id']}`, which the CRM did not have when it was read"
    rule = miss["true_case"]["rule"]
    return f"{_case(miss['true_case'])}; {HOWS[miss['how']]}; " + (f"in itself in reach of `{rule}`" if rule else "in reach of no rule")


def _case(case: Miss) -> str:
    return f"case `{case['case_id']}` of contact `{case['contact_id']}`, created {_when(case['created_offset_ms'])}, {_closed(case)}"


def _closed(case: Miss) -> str:
    return "open since" if case["closed_offset_ms"] is None else f"closed {_when(case['closed_offset_ms'])}"


def _when(offset: int) -> str:
    return f"{lasting(offset)} {'after' if offset >= 0 else 'before'} the start"


def _counted(candidates: int) -> str:
    return {0: "no blind candidate", 1: "1 candidate"}.get(candidates, f"{candidates} candidates")


def _away(case: Miss) -> str:
    distance = case["rank"]["distance"]
    what = "changed" if case["place"] == 3 else "created"  # noqa: PLR2004 - `touched_with` is the third rule
    return f"{what} during the conversation" if distance == 0 else f"{what} {lasting(distance)} from it"


def _told_wrong(miss: Miss) -> str:
    blind = "the true one" if miss["blind_case_id"] == miss["true_case_id"] else "another" if miss["blind_case_id"] else "none"
    named = f"`{miss['blind_case_match_rule']}`" if miss["blind_case_match_rule"] else "no rule"
    return (
        f"the attribute names a case of the customer who was told too, so nothing contradicts it; untold, {named} would have given {blind}"
    )


def _shared_number(miss: Miss) -> str:
    owners = miss["number_owners"]
    number = f"the number stands on {owners} living contacts" if owners > 1 else "the address stands on several living contacts"
    return f"{number}, and nothing else told says which of them it was: no link rather than a guess (§6.2)"


def _nobody_known(miss: Miss) -> str:
    address = "its number or address is no contact's" if miss["has_address"] else "no number or address of the customer was told"
    attributes = (
        "of the day under way no attributes are read yet" if miss["is_provisional"] else "the attributes name no case, contact or account"
    )
    return f"{attributes}, and {address}"


def _rule_before(miss: Miss) -> str:
    linked, true = miss["linked_case"], miss["true_case"]
    return (
        f"the customer has several cases and `{linked['rule']}` goes before `{true['rule']}`: the linked case was {_away(linked)}, "
        f"the true one {_away(true)}"
    )


def _nearer_case(miss: Miss) -> str:
    linked, true = miss["linked_case"], miss["true_case"]
    return (
        f"both cases satisfy `{linked['rule']}`, and the nearest wins: the linked one was {_away(linked)}, the true one {_away(true)}; "
        "nothing told says which was meant"
    )


def _still_open(miss: Miss) -> str:
    return (
        f"without an end its window closes a quarter of an hour after its start, and its case was created {_when(miss['true_case']['created_offset_ms'])}; "
        "when the conversation closes, the day is linked again"
    )


def _out_of_reach(miss: Miss) -> str:
    instead = "" if miss["linked_case_id"] is None else "; the customer had another that a rule accepts"
    return f"no window reaches the true case{instead}"


_WHY: dict[str, Callable[[Miss], str]] = {
    "about_nothing": lambda miss: (
        f"the customer has {_counted(miss['match_candidates']).replace('candidate', 'case')} in reach, and nothing told says that it was about none"
    ),
    "nobody_known": _nobody_known,
    "shared_number": _shared_number,
    "logged_later": _out_of_reach,
    "created_late": lambda miss: f"{_out_of_reach(miss)}; a high-latency period over that day reaches it (§6.3)",
    "closed_before": _out_of_reach,
    "rule_before": _rule_before,
    "nearer_case": _nearer_case,
    "former_account": lambda _: "the customer has moved to another account, which alone was told; the case stayed with the former one",
    "colleague": lambda miss: (
        f"the account alone was told, so the cases of all its contacts are candidates; {_rule_before(miss)}"
        if miss["linked_case"]["place"] < miss["true_case"]["place"]
        else f"the account alone was told, so the cases of all its contacts are candidates; {_nearer_case(miss)}"
    ),
    "still_open": _still_open,
    "not_yet_in_crm": lambda _: "it was logged after the CRM was last read; the next reading links the day again",
    "told_wrong": _told_wrong,
    "stranger": lambda _: "the number is one living contact's and nothing else was told: by §6.2 that is the customer",
    "unexplained": lambda _: "§6.3 worked out again does not give the linked case: report it",
}
