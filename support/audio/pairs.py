"""One sound in several sessions: cut otherwise, played again, or through stages that were set otherwise."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, cycle

from support.audio.protocol import DEFAULT_RATE
from support.audio.reading import Parameter
from support.audio.session import Session
from support.audio.signals import samples_in
from support.audio.sounds import Sound
from support.audio.stage_words import PARAMETERS, Chain, StageWish
from support.audio.streaming import Playing, play_together
from support.audio.world import AudioWorld
from support.kit.errors import DeclinedError, PromiseBrokenError

EDGES = ("low_hz", "high_hz")
"""Parameters of which the first must stay below the second."""
RATE_OF_ENDS = 48000
"""Hz at which ends of ranges are tried that are frequencies: every pipeline carries them there."""


def open_two(world: AudioWorld, first: Chain, second: Chain) -> None:
    """A session through each. DeclinedError where the pipeline cannot tell the two apart: its range has one value."""
    one, other = (world.config_of(chain) for chain in (first, second))
    if one == other:
        raise DeclinedError("the least and the greatest value of the range are the same")
    world.open_session(one, name="the first")
    world.open_session(other, name="the second")


def open_at_ends(world: AudioWorld, chain: Chain) -> None:
    """A session for either end of every range of a stage, all else as it usually is. DeclinedError: it tells of no range."""
    world.target.require_stages(wish.stage for wish in chain.stages)
    (wish,) = chain.stages
    wishes = at_ends(wish, world.pipeline.catalogue.stages.get(wish.stage, {}).values())
    if not wishes:
        raise DeclinedError(f"the pipeline tells of no range of {wish.stage}")
    for each in wishes:
        rate = RATE_OF_ENDS if set(each.parameters) & set(EDGES) else DEFAULT_RATE
        world.open_session([each], rate=rate, name=", ".join(f"{name} {value}" for name, value in each.parameters.items()))


def at_ends(wish: StageWish, parameters: Iterable[Parameter]) -> list[StageWish]:
    """The wish with each parameter of the contract that has a range, or choices, at one end and at the other. Edges go together:
    the low one cannot be at its greatest while the high one is where it usually is."""
    known = {parameter.name: parameter for parameter in parameters if parameter.name in PARAMETERS[wish.stage]}
    found: list[dict[str, float | int | str]] = []
    for parameter in known.values():
        for end in (0, -1):
            value = _end(parameter, end)
            if value is None:
                continue
            values = {parameter.name: value}
            other = known.get(EDGES[1 - EDGES.index(parameter.name)]) if parameter.name in EDGES else None
            if other is not None and (further := _end(other, end)) is not None:
                values[other.name] = further
            if values not in found:
                found.append(values)
    return [replace(wish, parameters={**wish.parameters, **values}) for values in found]


def play_in_each(world: AudioWorld, sound: Sound, seconds: float) -> None:
    """The same sound in every session."""
    play_together(world, [Playing(one, sound.render(seconds, one.rate)) for one in world.sessions.values()])


def play_again(world: AudioWorld, sound: Sound, seconds: float) -> None:
    """The same sound in the session, and in another one like it."""
    another(world)
    play_in_each(world, sound, seconds)


def play_whole_and_cut(world: AudioWorld, sound: Sound, seconds: float, lengths: Sequence[float]) -> None:
    """The same sound as one chunk in the session, and in another one like it in chunks of these lengths in turn (seconds)."""
    first, second = world.session, another(world)
    samples = sound.render(seconds, first.rate)
    chunks = cut(len(samples), [samples_in(length, second.rate) for length in lengths])
    play_together(world, [Playing(first, samples, len(samples)), Playing(second, samples, chunks)])


def cut(count: int, lengths: Sequence[int]) -> list[int]:
    """So many samples in chunks of these lengths in turn; the last one is what is left."""
    chunks: list[int] = []
    for length, end in zip(cycle(lengths), accumulate(cycle(lengths)), strict=False):
        if end >= count:
            return [*chunks, count - (end - length)]
        chunks.append(length)
    return chunks


def another(world: AudioWorld) -> Session:
    """Another session with the configuration of the one that is there."""
    return world.open_session(world.session.config, rate=world.session.rate, name=f"{world.session.name}, again")


def require_all_whole(world: AudioWorld) -> None:
    """Every session has answered each chunk with as many samples as were in it."""
    for session in world.sessions.values():
        for answer in session.answers:
            if len(answer.pcm) != len(answer.played):
                wanted, seen = len(answer.played) // 2, len(answer.pcm) // 2
                raise PromiseBrokenError(
                    f"a session with {session.name} answers with {wanted:,} samples for a chunk of as many", f"{seen:,} samples"
                )


def _end(parameter: Parameter, which: int) -> float | int | str | None:
    ends = (parameter.least, parameter.greatest)
    value = ends[which] if parameter.is_number else (parameter.choices[which] if parameter.choices else None)
    if isinstance(value, float) and parameter.whole:
        return int(value)
    return value if isinstance(value, float | int | str) and not isinstance(value, bool) else None
