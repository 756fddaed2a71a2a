"""How conversations go, by medium: who takes part in which order, and how it ends.

Not here: the single parts (`sessions.py`), or what the conversation is about (`stories.py`).
"""

import random
from dataclasses import dataclass

from genesys_crm_assets.sandbox import sessions
from genesys_crm_assets.sandbox.centre import OWN_ADDRESS, OWN_NUMBER, Centre, Queue
from genesys_crm_assets.sandbox.clock import DAY, HOUR, MINUTE, SECOND
from genesys_crm_assets.sandbox.draft import Draft, Session
from genesys_crm_assets.sandbox.identifiers import chance, fixed_uuid, uuid
from genesys_crm_assets.sandbox.sessions import Dialling, Post, Scene

# A callback nobody took for 59 days: more milliseconds than 32 bits hold.
EXPIRED_WAIT = 5_097_600_919


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is settled before anybody speaks: when, over which medium, who calls from where."""

    start: int
    media: str
    phone: str = ""
    email: str = ""
    special: str = ""


def write(rng: random.Random, centre: Centre, occasion: Occasion) -> Draft:
    """The whole conversation, as it will have been when everything in it is over."""
    outbound = occasion.media == "voice" and not occasion.special and chance(rng, 0.12)
    divisions = rng.choices(([centre.divisions[0]], [centre.divisions[1]], list(centre.divisions[:2])), (70, 20, 10))[0]
    draft = Draft(rng, start=occasion.start, direction="outbound" if outbound else "inbound", divisions=divisions)
    scene = Scene(draft, centre, occasion.media)
    if outbound:
        _outbound(scene, occasion)
    elif occasion.media == "callback":
        _callback(scene, occasion)
    else:
        _inbound(scene, occasion)
    return draft


def _inbound(scene: Scene, occasion: Occasion) -> None:
    draft, rng = scene.draft, scene.draft.rng
    customer = _customer(scene, occasion)
    scene.peer = customer.id
    connected = draft.start + 200
    customer.metric("nConnected", 1, connected)
    lane = rng.choice(scene.centre.queues)
    at, contained = _opening(scene, connected)
    if not contained:
        at = _legs(scene, at, occasion)
        lane = next(queue for queue in scene.centre.queues if queue.id == _first_queue(draft))
    end = _linger(scene, at, occasion)
    draft.endless = occasion.special == "endless"
    customer.segment(
        "interact",
        connected,
        None if draft.endless else end,
        "" if contained else lane.id,
        **({} if draft.endless else {"disconnectType": "peer"}),
    )
    if occasion.media == "voice":
        customer.metric("tConnected", end - connected, end)
    if contained and chance(rng, 0.6):
        draft.extra["selfServed"] = True


def _first_queue(draft: Draft) -> str:
    return next(session.queue() for session in draft.sessions if session.participant["purpose"] == "acd")


def _customer(scene: Scene, occasion: Occasion) -> Session:
    draft, media = scene.draft, occasion.media
    participant = draft.participant("customer" if chance(draft.rng, 0.97) else "external", participantName="Customer")
    session = draft.session(participant, media, **_addresses(draft.rng, occasion), **scene.about())
    if media == "voice":
        session.segment("system", draft.start, draft.start + 200)
    return session


def _addresses(rng: random.Random, occasion: Occasion) -> dict[str, str]:
    if occasion.media in {"voice", "callback"}:
        return {
            "ani": f"tel:{occasion.phone}" if occasion.phone else rng.choice(("tel:anonymous", "sip:anonymous@anonymous.invalid")),
            "dnis": OWN_NUMBER,
        }
    if occasion.media == "email":
        sender = occasion.email or f"guest{rng.randrange(10**6)}@example.net"
        return {
            "addressFrom": rng.choice((sender, sender, sender.title())),
            "addressTo": OWN_ADDRESS,
            "addressSelf": sender,
            "addressOther": OWN_ADDRESS,
        }
    if occasion.media == "message":
        kind = rng.choice(("sms", "whatsapp", "webmessaging"))
        return {
            "messageType": kind,
            "addressFrom": uuid(rng) if kind == "webmessaging" or not occasion.phone else occasion.phone,
            "addressTo": OWN_NUMBER[4:],
        }
    return {"addressFrom": occasion.email} if occasion.email and chance(rng, 0.5) else {}


def _opening(scene: Scene, at: int) -> tuple[int, bool]:
    rng = scene.draft.rng
    if scene.media == "voice":
        leaves = chance(rng, 0.06)
        return sessions.ivr(scene, at, leaves=leaves), leaves
    if scene.media != "email" and chance(rng, 0.5):
        leaves = chance(rng, 0.25)
        return sessions.bot(scene, at, leaves=leaves), leaves
    return at, False


def _wait(scene: Scene) -> int:
    mean = {"voice": 40 * SECOND, "chat": 30 * SECOND, "message": 3 * MINUTE, "email": 3 * HOUR, "callback": HOUR}[scene.media]
    return max(2 * SECOND, int(scene.draft.rng.expovariate(1 / mean)))


def _legs(scene: Scene, at: int, occasion: Occasion) -> int:
    """Queue after queue until somebody handles it to the end or the customer gives up."""
    rng, centre = scene.draft.rng, scene.centre
    first, second = rng.sample(centre.queues, 2)
    lanes = rng.choices(([first], [first, second], [first, second, first]), (86, 11, 3))[0]
    if occasion.special:
        lanes = [first, second]
    for place, lane in enumerate(lanes):
        outcome = rng.choices(("answered", "abandoned", "flow-out"), (90, 8, 2))[0] if not occasion.special else "answered"
        wait = _wait(scene)
        enter = at + 50
        at = _missed(scene, enter, wait, lane) if outcome == "answered" and chance(rng, 0.07) else enter + wait
        sessions.queue(scene, enter, at - enter, lane, outcome)
        if outcome != "answered":
            return at
        at = sessions.handled(scene, at, Post(rng.choice(centre.agents), lane), wait=at - enter, hands_over=place < len(lanes) - 1)
        if occasion.special:
            at += scene.between(20 * HOUR, 60 * HOUR)
    return at


def _missed(scene: Scene, enter: int, wait: int, lane: Queue) -> int:
    """When the call is answered after one or two agents who did not."""
    at = enter + wait
    for _ in range(scene.draft.rng.choice((1, 1, 2))):
        at = sessions.missed(scene, at, scene.draft.rng.choice(scene.centre.agents), lane) + 500
    return at


def _linger(scene: Scene, at: int, occasion: Occasion) -> int:
    """Written conversations stay open for a while after the last word."""
    rng = scene.draft.rng
    if occasion.special or scene.media not in {"message", "email"} or not chance(rng, 0.15):
        return at
    return at + int(min(4 * DAY, rng.expovariate(1 / (9 * HOUR))))


def _callback(scene: Scene, occasion: Occasion) -> None:
    """Asked for in a call or on the web, queued as a callback, dialled by the agent who takes it."""
    draft, rng, centre = scene.draft, scene.draft.rng, scene.centre
    lane = rng.choice(centre.queues)
    participant = draft.participant("customer", participantName="Customer")
    if chance(rng, 0.4):
        scene.media = "voice"
        call = draft.session(participant, "voice", **_addresses(rng, occasion), **scene.about())
        scene.peer = call.id
        at = sessions.ivr(scene, draft.start + 200, leaves=False)
        call.segment("interact", draft.start, at, disconnectType="client")
        call.metric("tConnected", at - draft.start, at)
        scene.media = "callback"
    else:
        at = draft.start
    wish = draft.session(
        participant, "callback", callbackNumbers=[occasion.phone or OWN_NUMBER], **_addresses(rng, occasion), **scene.about()
    )
    scene.peer = wish.id
    outcome = "expired" if occasion.special == "expired" or chance(rng, 0.06) else "answered"
    wait = EXPIRED_WAIT if occasion.special == "expired" else 6 * HOUR if outcome == "expired" else MINUTE + _wait(scene)
    answered = sessions.queue(scene, at, wait, lane, outcome)
    wish.segment("callback", at, answered, lane.id, disconnectType="client" if outcome == "answered" else "system")
    if outcome == "expired":
        return
    talked = sessions.handled(scene, answered, Post(rng.choice(centre.agents), lane), wait=wait, hands_over=False)
    line = draft.session(draft.participants[-1], "voice", "outbound", peerId=wish.id, dnis=f"tel:{occasion.phone or OWN_NUMBER[4:]}")
    line.segment("interact", answered, talked, lane.id, disconnectType="client")
    line.metric("nOutboundAttempted", 1, answered)
    line.metric("tConnected", talked - answered, talked)


def _outbound(scene: Scene, occasion: Occasion) -> None:
    """An agent, or a campaign for one, calls the customer."""
    draft, rng, centre = scene.draft, scene.draft.rng, scene.centre
    target = {"dnis": f"tel:{occasion.phone}"} if occasion.phone else {"dnis": "tel:+12005550000"}
    campaign = chance(rng, 0.3)
    if campaign:
        listed = {"outboundCampaignId": fixed_uuid("campaign", 1), "outboundContactId": f"{rng.getrandbits(128):032x}"}
        dialer = draft.session(draft.participant("dialer"), "voice", "outbound", **listed)
        dialer.segment("dialing", draft.start, draft.start + 8 * SECOND, disconnectType="peer")
    reached = chance(rng, 0.7)
    customer = draft.session(draft.participant("customer", participantName="Customer"), "voice", "outbound", ani=OWN_NUMBER, **target)
    scene.peer = customer.id
    dialling = Dialling(scene.between(200, 2 * SECOND), scene.between(3 * SECOND, 40 * SECOND))
    lane = rng.choice(centre.queues) if campaign or chance(rng, 0.5) else None
    end = sessions.called(scene, draft.start, Post(rng.choice(centre.agents), lane), dialling, reached=reached)
    answered = draft.start + dialling.contacting + dialling.dialing
    customer.segment("interact" if reached else "dialing", answered if reached else draft.start, end, disconnectType="endpoint")
    if reached:
        customer.metric("nConnected", 1, answered)
        customer.metric("tConnected", end - answered, end)
