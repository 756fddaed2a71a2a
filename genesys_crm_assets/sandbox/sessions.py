"""The parts conversations are made of: what an IVR, a bot, a queue and an agent leave behind.

Every identity that holds between real metrics holds here by construction: tHandle = tContacting + tDialing + all tTalk + all tHeld + tAcw;
tAnswered on the agent session = tAcd of the queue's. Not here: which parts follow each other (`conversations.py`).
"""

from dataclasses import dataclass
from typing import NamedTuple

from genesys_crm_assets.sandbox.centre import Agent, Centre, Queue
from genesys_crm_assets.sandbox.clock import HOUR, MINUTE, SECOND
from genesys_crm_assets.sandbox.draft import Draft, Session
from genesys_crm_assets.sandbox.identifiers import chance

PROVIDERS = {
    "voice": "Edge",
    "chat": "PureCloud Webchat v2",
    "message": "PureCloud Messaging",
    "email": "PureCloud Email",
    "callback": "Edge",
}


@dataclass(slots=True)
class Scene:
    """What all parts of one conversation share: where they are written, who works there, whom they serve."""

    draft: Draft
    centre: Centre
    media: str
    peer: str = ""

    def about(self) -> dict[str, str]:
        """Fields every inner session carries."""
        return {"provider": PROVIDERS[self.media], **({"peerId": self.peer} if self.peer else {})}

    def between(self, shortest: int, longest: int) -> int:
        """A duration, in milliseconds."""
        return self.draft.rng.randrange(shortest, longest)


class Post(NamedTuple):
    """An agent at work, for a queue or for nobody's."""

    agent: Agent
    lane: Queue | None


@dataclass(frozen=True, slots=True)
class Dialling:
    """An agent's own call out, in milliseconds."""

    contacting: int
    dialing: int


def ivr(scene: Scene, start: int, *, leaves: bool) -> int:
    """The IVR from `start` until it hands over, or until the caller hangs up in it; returns when."""
    draft = scene.draft
    end = start + scene.between(8 * SECOND, 70 * SECOND)
    flow = {"flowId": scene.centre.flows["Main IVR"], "flowName": "Main IVR", "flowType": "INBOUNDCALL", "flowVersion": "28.0"}
    flow |= {"exitReason": "DISCONNECT"} if leaves else {"exitReason": "TRANSFER", "transferType": "ACD"}
    session = draft.session(draft.participant("ivr", participantName="Main IVR"), "voice", flow=flow, **scene.about())
    session.segment("ivr", start, end, disconnectType="peer" if leaves else "transfer")
    session.metric("nFlow", 1, start + 10)
    session.metric("tIvr", end - start, end)
    session.metric("tFlow", end - start - 10, end)
    session.metric("tFlowDisconnect" if leaves else "tFlowExit", end - start - 10, end)
    return end


def bot(scene: Scene, start: int, *, leaves: bool) -> int:
    """A workflow and its bot from `start` on; returns when the bot has done or handed over."""
    draft = scene.draft
    end = start + scene.between(20 * SECOND, 6 * MINUTE)
    kind = "INBOUNDCHAT" if scene.media == "chat" else "INBOUNDSHORTMESSAGE"
    outer = {"flowId": scene.centre.flows["Web entry"], "flowName": "Web entry", "flowType": kind, "flowVersion": "9.0"}
    workflow = draft.session(draft.participant("workflow", participantName="Web entry"), scene.media, flow=outer, **scene.about())
    workflow.segment("interact", start, end, disconnectType="peer" if leaves else "transfer")
    inner = {"flowId": scene.centre.flows["FAQ bot"], "flowName": "FAQ bot", "flowType": "DIGITALBOT", "flowVersion": "4.0"}
    talk = draft.session(draft.participant("botflow"), scene.media, flow=inner, **scene.about())
    talk.metric("nFlow", 1, start + 100)
    talk.metric("nBotInteractions", 1, end)
    talk.metric("tFlow", end - start - 100, end)
    return end


def _asking(scene: Scene, lane: Queue | None) -> dict[str, list[str]]:
    """What a segment says of the skills the conversation is routed by."""
    skills = lane.asked(scene.draft.id) if lane else ()
    return {"requestedRoutingSkillIds": list(skills)} if skills else {}


def queue(scene: Scene, enter: int, wait: int, lane: Queue, outcome: str) -> int:
    """The time in a queue; `outcome` is answered, abandoned, flow-out or expired. Returns when it ends."""
    draft = scene.draft
    end = enter + wait
    # What the queue holds is a callback even where the customer rang by voice first.
    session = draft.session(
        draft.participant("acd", participantName=lane.name), scene.media, requestedRoutings=["Standard"], **scene.about()
    )
    left = {"answered": "transfer", "abandoned": "peer"}.get(outcome, "system")
    session.segment("interact", enter, end, lane.id, disconnectType=left, **_asking(scene, lane))
    session.metric("nOffered", 1, enter)
    session.metric("tAcd", wait, end)
    if outcome == "abandoned":
        session.metric("tAbandon", wait, end)
        if wait < 10 * SECOND:
            session.metric("tShortAbandon", wait, end)
    elif outcome == "flow-out":
        session.body["flowOutType"] = "VOICEMAIL"
        session.metric("tFlowOut", wait, end)
    elif outcome == "answered" and wait > lane.service_level:
        session.metric("nOverSla", 1, end)
    return end


def missed(scene: Scene, start: int, agent: Agent, lane: Queue) -> int:
    """An agent who was alerted and did not answer; returns when the queue goes on without them."""
    draft = scene.draft
    end = start + scene.between(8 * SECOND, 25 * SECOND)
    session = _agent(scene, agent)
    session.segment("alert", start, end, lane.id, disconnectType="noAnswerTransfer", **_asking(scene, lane))
    session.metric("tAlert", end - start, end)
    session.metric("tNotResponding", end - start, end)
    if chance(draft.rng, 0.2):
        _wrap_up(scene, session, end, 57 * SECOND)
        session.metric("tHandle", 57 * SECOND, end + 57 * SECOND)
    return end


def handled(scene: Scene, answered: int, post: Post, *, wait: int, hands_over: bool) -> int:
    """An agent's part from the answer on; returns when the talking ends (wrap-up goes on)."""
    session = _agent(scene, post.agent)
    alert = min(wait, scene.between(SECOND, 9 * SECOND))
    session.segment("alert", answered - alert, answered, post.lane.id if post.lane else "", **_asking(scene, post.lane))
    session.metric("tAlert", alert, answered)
    session.metric("tAnswered", wait, answered)
    return _talk(scene, session, answered, hands_over=hands_over)


def called(scene: Scene, start: int, post: Post, dialling: Dialling, *, reached: bool) -> int:
    """An agent who calls out: on behalf of a queue or not, with an answer or without; returns when the talking ends."""
    draft = scene.draft
    session = _agent(scene, post.agent, purpose="agent" if post.lane else "user", direction="outbound")
    queue_id = post.lane.id if post.lane else ""
    ringing = start + dialling.contacting
    answered = ringing + dialling.dialing
    session.segment("contacting", start, ringing, queue_id)
    session.segment("dialing", ringing, answered, queue_id, **({} if reached else {"disconnectType": "endpoint"}))
    session.metric("nOutbound", 1, start)
    session.metric("nOutboundAttempted", 1, ringing)
    session.metric("tContacting", dialling.contacting, ringing)
    session.metric("tDialing", dialling.dialing, answered)
    effort = dialling.contacting + dialling.dialing
    if reached:
        session.metric("nOutboundConnected", 1, answered)
        return _talk(scene, session, answered, hands_over=False, effort=effort)
    acw = 0
    if chance(draft.rng, 0.5):
        acw = scene.between(3 * SECOND, 30 * SECOND)
        _wrap_up(scene, session, answered, acw)
    session.metric("tHandle", effort + acw, answered + acw)
    return answered


def _agent(scene: Scene, agent: Agent, purpose: str = "agent", direction: str = "") -> Session:
    draft = scene.draft
    participant = draft.participant(purpose, participantName=agent.name, userId=agent.id, teamId=agent.team)
    return draft.session(participant, scene.media, direction, **scene.about())


def _pieces(scene: Scene) -> list[int]:
    """Lengths of talk and hold in turn, beginning and ending with talk."""
    rng = scene.draft.rng
    longest = {"voice": 420, "callback": 360, "chat": 600, "message": 900, "email": 540}[scene.media]
    talk = int(min(4 * HOUR, max(15 * SECOND, rng.lognormvariate(0, 0.6) * longest * SECOND * 0.8)))
    holds = 0 if scene.media == "email" else rng.choices((0, 1, 2), (78, 17, 5))[0]
    pieces = [talk // (holds + 1)]
    for _ in range(holds):
        pieces += [scene.between(5 * SECOND, 3 * MINUTE), talk // (holds + 1)]
    return pieces


def _talk(scene: Scene, session: Session, answered: int, *, hands_over: bool, effort: int = 0) -> int:
    rng, queue_id = scene.draft.rng, session.queue()
    at, totals = answered, [0, 0]
    pieces = _pieces(scene)
    for place, length in enumerate(pieces):
        last = place == len(pieces) - 1
        session.segment(
            "hold" if place % 2 else "interact",
            at,
            at + length,
            queue_id,
            **({"disconnectType": "transfer" if hands_over else "peer"} if last else {}),
        )
        at += length
        session.metric("tHeld" if place % 2 else "tTalk", length, at)
        totals[place % 2] += length
    # Some sessions are told in pieces only.
    if not chance(rng, 0.04):
        session.metric("tTalkComplete", totals[0], at)
        if totals[1]:
            session.metric("tHeldComplete", totals[1], at)
    if hands_over:
        session.metric("nTransferred", 1, at)
        session.metric(rng.choice(("nBlindTransferred", "nConsultTransferred")), 1, at)
    acw = 0 if chance(rng, 0.1) else scene.between(5 * SECOND, 110 * SECOND)
    if acw:
        _wrap_up(scene, session, at, acw)
    else:
        session.body["acwSkipped"] = True
    session.metric("tHandle", effort + sum(totals) + acw, at + acw)
    return at


def _wrap_up(scene: Scene, session: Session, start: int, length: int) -> None:
    rng = scene.draft.rng
    code = rng.choices((rng.choice(scene.centre.codes), "ININ-WRAP-UP-TIMEOUT", ""), (93, 4, 3))[0]
    session.segment("wrapup", start, start + length, session.queue(), **({"wrapUpCode": code} if code else {}))
    session.metric("tAcw", length, start + length)
