"""What a bulb does with each connection, and the phrases that feature files use for it.

A `Behaviour` is what happens on one connection attempt; a `Script` says which behaviour the first attempts meet and which
one all later attempts meet. Nothing here opens a socket: `support.toggle.bulb` acts the script out.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum

from support.toggle.protocol import ACK


class Act(Enum):
    """The kinds of behaviour, in the words of the feature files."""

    ANSWER = "answers"
    SILENT = "stays silent"
    HANG_UP_BEFORE = "hangs up before the frame"
    HANG_UP_AFTER = "hangs up after the frame"
    RESET = "resets the connection"
    REFUSE = "refuses the connection"
    UNREACHABLE = "cannot be reached"


@dataclass(frozen=True)
class Behaviour:
    """What one connection attempt meets. Times are in seconds.

    `delay` is the time from the frame's last byte to the answer. With `beyond_limit` set, the delay is instead the hub's
    reply time limit plus that (positive or negative) time; `Script.for_limit` works it out.
    """

    act: Act = Act.ANSWER
    reply: bytes = ACK
    delay: float = 0.0
    beyond_limit: float | None = None
    bytewise: bool = False
    reads_bytewise: bool = False

    @property
    def reachable(self) -> bool:
        """Whether a connection is accepted at all."""
        return self.act not in (Act.REFUSE, Act.UNREACHABLE)

    @property
    def acknowledges(self) -> bool:
        return self.act is Act.ANSWER and self.reply == ACK


ANSWERS = Behaviour()


@dataclass(frozen=True)
class Script:
    """`first` is met by the first `times` attempts, `then` by all later ones."""

    then: Behaviour = ANSWERS
    first: Behaviour = ANSWERS
    times: int = 0

    def for_attempt(self, number: int) -> Behaviour:
        """The behaviour that attempt `number` (from 1) meets."""
        return self.first if number <= self.times else self.then

    def for_limit(self, reply_limit: float) -> "Script":
        """The same script with every delay that was told relative to the hub's time limit (seconds) worked out."""

        def settled(behaviour: Behaviour) -> Behaviour:
            if behaviour.beyond_limit is None:
                return behaviour
            return replace(behaviour, delay=reply_limit + behaviour.beyond_limit, beyond_limit=None)

        return replace(self, then=settled(self.then), first=settled(self.first))

    @property
    def plain(self) -> bool:
        """Whether every attempt is answered well and at once: a happy path, fit for the latency report."""
        return self.times == 0 and self.then == ANSWERS


_DELAYED = re.compile(r"answers after ([\d.]+) s")
_AROUND_LIMIT = re.compile(r"answers ([\d.]+) s (before|after) the hub's time limit")
_TEXT = re.compile(r'answers "(.*)"')
_BYTES = re.compile(r"answers ([\d,]+) (zero )?bytes?")
_TWO_PARTS = re.compile(r"(.+?) the first (?:time|(\d+) times) and then (.+)")
_FILLER = b"ACK and more. "


def parse_behaviour(phrase: str) -> Behaviour:
    """`stays silent`, `answers after 0.3 s`, `answers "NAK"`, ...: the behaviour that a phrase describes.

    Raises ValueError, with the phrase, for one that is not known.
    """
    if match := _DELAYED.fullmatch(phrase):
        return Behaviour(delay=float(match[1]))
    if match := _AROUND_LIMIT.fullmatch(phrase):
        return Behaviour(beyond_limit=float(match[1]) * (-1 if match[2] == "before" else 1))
    if match := _TEXT.fullmatch(phrase):
        return Behaviour(reply=match[1].encode())
    if match := _BYTES.fullmatch(phrase):
        count = int(match[1].replace(",", ""))
        return Behaviour(reply=bytes(count) if match[2] else (_FILLER * (count // len(_FILLER) + 1))[:count])
    if phrase == "answers one byte at a time":
        return Behaviour(bytewise=True)
    if phrase == "reads one byte at a time and answers":
        return Behaviour(reads_bytewise=True)
    try:
        return Behaviour(Act(phrase))
    except ValueError:
        raise ValueError(f"no bulb is known that {phrase!r}") from None


def parse_script(phrase: str) -> Script:
    """`stays silent the first 2 times and then answers`, or one behaviour for good."""
    if match := _TWO_PARTS.fullmatch(phrase):
        return Script(then=parse_behaviour(match[3]), first=parse_behaviour(match[1]), times=int(match[2] or 1))
    return Script(then=parse_behaviour(phrase))
