"""Where ids and dice come from: everything that looks random follows from the seed.

Not here: what an id stands for.
"""

import hashlib
import random
import string

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_TO_BASE62 = bytes(ord(_BASE62[byte % 62]) for byte in range(256))
_CHECKSUM = string.ascii_uppercase + "012345"


def dice(*parts: object) -> random.Random:
    """A generator of its own for the thing these parts name."""
    return random.Random("|".join(map(str, parts)))  # noqa: S311 - a seeded world, nothing secret is drawn


def chance(rng: random.Random, probability: float) -> bool:
    """Whether something of that probability happens."""
    return rng.random() < probability


def uuid(rng: random.Random) -> str:
    """A version 4 UUID from the dice."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def fixed_uuid(*parts: object) -> str:
    """A UUID that follows from its parts alone."""
    text = hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=16).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-8{text[17:20]}-{text[20:]}"


def with_checksum(short: str) -> str:
    """The 18-character form of a 15-character Salesforce id: bit k of each five is set where character k is upper case."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, char in enumerate(short[start : start + 5]) if "A" <= char <= "Z")
        suffix += _CHECKSUM[bits]
    return short + suffix


def salesforce_id(prefix: str, *parts: object) -> str:
    """An 18-character id of the object with that key prefix."""
    digest = hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=9).digest()
    return with_checksum(f"{prefix}Hs0{digest.translate(_TO_BASE62).decode()}")
