"""Surveys and evaluations: hours and days after a conversation, some of them not to be counted.

Not here: the conversation itself.
"""

from typing import Any

from genesys_crm_assets.sandbox.clock import DAY, HOUR, iso
from genesys_crm_assets.sandbox.draft import Draft
from genesys_crm_assets.sandbox.identifiers import chance, fixed_uuid, uuid

Score = dict[str, Any]


def scores(draft: Draft, seed: int) -> tuple[dict[str, list[Score]], int]:
    """What was scored about a conversation that an agent handled, and when the last score came (0: there is none)."""
    if not draft.handlers or draft.endless:
        return {}, 0
    found: dict[str, list[Score]] = {}
    latest = 0
    for name, probability, write in (("evaluations", 0.05, _evaluation), ("surveys", 0.10, _survey)):
        if chance(draft.rng, probability):
            entries = [write(draft, seed) for _ in range(draft.rng.choice((1, 1, 1, 2)))]
            found[name] = [entry for _, entry in entries]
            latest = max(latest, *(at for at, _ in entries))
    return found, latest


def _about(draft: Draft) -> Score:
    participant, session = draft.handlers[0]
    return {"userId": participant["userId"], **({"queueId": session.queue()} if session.queue() else {})}


def _survey(draft: Draft, seed: int) -> tuple[int, Score]:
    rng = draft.rng
    at = draft.reached + HOUR + rng.randrange(5 * DAY)
    survey = {
        "surveyId": uuid(rng),
        "surveyFormId": fixed_uuid(seed, "survey form"),
        "surveyFormName": "CSAT",
        "surveyType": "Web",
        "eventTime": iso(at),
        **_about(draft),
    }
    if chance(rng, 0.3):
        return at, survey | {"surveyStatus": rng.choice(("Sent", "Expired", "OptOut"))}
    answered = {
        "surveyStatus": "Finished",
        "surveyCompletedDate": iso(at),
        "oSurveyTotalScore": rng.randrange(0, 101, 5),
        "surveyPromoterScore": rng.randrange(11),
    }
    return at, survey | answered


def _evaluation(draft: Draft, seed: int) -> tuple[int, Score]:
    rng = draft.rng
    at = draft.reached + DAY + rng.randrange(9 * DAY)
    evaluation = {
        "evaluationId": uuid(rng),
        "formId": fixed_uuid(seed, "evaluation form"),
        "formName": "QA v2",
        "evaluatorId": fixed_uuid(seed, "evaluator"),
        "eventTime": iso(at),
        "rescored": chance(rng, 0.05),
        **_about(draft),
    }
    if chance(rng, 0.1):
        return at, evaluation | {"evaluationStatus": "Pending", "released": False}
    evaluation |= {
        "evaluationStatus": "Finished",
        "released": chance(rng, 0.88),
        "oTotalScore": rng.randrange(40, 101),
        "oTotalCriticalScore": rng.randrange(40, 101),
    }
    if chance(rng, 0.08):
        evaluation["calibrationId"] = uuid(rng)
    if chance(rng, 0.06):
        evaluation["deleted"] = True
    return at, evaluation
