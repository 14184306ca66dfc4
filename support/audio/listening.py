"""What a scenario's listener has heard, out of its world: side by side with what was played, and flag by flag."""

from support.audio import flags
from support.audio.hearing import Hearing
from support.audio.world import AudioWorld
from support.kit.errors import PromiseBrokenError

FLAG = "voice_detected"


def last(world: AudioWorld) -> Hearing:
    """What was played last, and what was heard of it."""
    return world.take.hearing


def each(world: AudioWorld) -> list[Hearing]:
    """What was played and heard last in every session, in the order in which they were begun."""
    return [session.take.hearing for session in world.sessions.values() if session.takes]


def both(world: AudioWorld) -> tuple[Hearing, Hearing]:
    """The same of the last two sessions."""
    first, second = each(world)[-2:]
    return first, second


def flagged(world: AudioWorld) -> list[flags.Flag]:
    """Whether a voice was told of in each chunk of what was played. PromiseBrokenError where the figures do not say."""
    found: list[flags.Flag] = []
    at = 0
    for answer in world.take.answers:
        voice = answer.quality.get(FLAG)
        if voice not in (True, False):
            raise PromiseBrokenError("each chunk's figures tell whether there is a voice in it", f"{FLAG}: {voice!r}")
        end = at + len(answer.played) // 2
        found.append(flags.Flag(at / world.take.rate, end / world.take.rate, bool(voice)))
        at = end
    return found


def bursts(world: AudioWorld) -> list[flags.Burst]:
    """Where there was a voice in what was played."""
    return flags.bursts_in(world.take.played, world.take.rate)
