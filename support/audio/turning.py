"""Stages that are changed while somebody speaks, held against sessions that are left alone and that began so.

Each `require_*` raises PromiseBrokenError.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from support.audio import levels
from support.audio.answered import come_back
from support.audio.frames import Frame
from support.audio.lines import cut
from support.audio.messages import update_message
from support.audio.protocol import Tell
from support.audio.session import Session
from support.audio.signals import Samples, from_pcm16
from support.audio.sounds import Sound
from support.audio.stage_words import Chain
from support.audio.streaming import Playing, hear_out_together, play, stream, stream_together, usual_chunk
from support.audio.wishes import own_parameters
from support.audio.world import AudioWorld
from support.kit.errors import PromiseBrokenError, VoidError

LEFT_ALONE, BEGAN_SO = "the one that is left alone", "the one that began so"
NEXT = 5
"""Chunks within which a change is to apply: "one of the next"."""
BETWEEN = 4
"""Chunks between two changes that follow each other."""

Change = tuple[str, dict[str, object]]
"""A stage and its parameters, in the pipeline's own names."""


def change_to(world: AudioWorld, chain: Chain) -> Change:
    """What is to be asked for, so that the stage is as it is in `chain`."""
    (wish,) = chain.stages
    told = wish.told()["parameters"]
    assert isinstance(told, dict), "parameters are a map"
    return wish.stage, own_parameters(wish.stage, told, world.target)


# --- what is done


def play_and_change(world: AudioWorld, sound: Sound, seconds: float, chains: Sequence[Chain], *, lose_line: bool = False) -> None:
    """A sound; half way the stage is changed, to one thing after the other, and then perhaps the line is lost."""
    session = world.session
    samples = sound.render(seconds, session.rate)
    half = _half(samples, session)
    stream(world, Playing(session, samples[:half]))
    for chain in chains:
        session.line.update(*change_to(world, chain))  # what it answers is looked at by confirmations()
    if lose_line:
        cut(session)
        come_back(world, session)
    stream(world, Playing(session, samples[half:]))
    hear_out_together(world, [session])
    _play_beside(world, session, samples, chains[-1])


def play_and_change_under_way(world: AudioWorld, sound: Sound, seconds: float, after: int, chain: Chain) -> None:
    """A sound without waiting for an answer; after so many chunks the change is asked for."""
    session = world.session
    samples = sound.render(seconds, session.rate)
    stage, parameters = change_to(world, chain)
    play(world, Playing(session, samples, window=None, before={after: [update_message(stage, parameters)]}))
    session.line.await_frame(Tell.CONFIG_UPDATED, Tell.ERROR)
    _play_beside(world, session, samples, chain)


def play_and_turn(world: AudioWorld, sound: Sound, seconds: float, chain: Chain, times: int) -> None:
    """A tone, while the stage is changed to `chain` and back so many times. VoidError where the tone is too short for that."""
    session = world.session
    samples = sound.render(seconds, session.rate)
    there = change_to(world, chain)
    back = there[0], _parameters(session, there[0])
    block = BETWEEN * usual_chunk(session)
    blocks = [samples[at : at + block] for at in range(0, len(samples), block)]
    if len(blocks) <= 2 * times:
        raise VoidError(f"{seconds:g} s are too short for {2 * times} changes")
    for number, part in enumerate(blocks):
        stream(world, Playing(session, part))
        if number < 2 * times:
            session.line.update(*(there if number % 2 == 0 else back))
    hear_out_together(world, [session])
    _play_beside(world, session, samples, chain)


def play_and_ask(world: AudioWorld, sound: Sound, seconds: float, phrase: str) -> None:
    """A sound; half way somebody asks for a change that makes no sense."""
    session = world.session
    samples = sound.render(seconds, session.rate)
    half = _half(samples, session)
    stage, parameters = senseless_change(session, phrase)
    stream(world, Playing(session, samples[:half]))
    session.line.send_text(update_message(stage, own_parameters(stage, parameters, world.target)))
    stream(world, Playing(session, samples[half:]))
    hear_out_together(world, [session])
    _play_beside(world, session, samples, None)


def play_both_and_change_one(world: AudioWorld, sound: Sound, seconds: float, which: str, chain: Chain) -> None:
    """All speakers play at once; half way the stage of one of them is changed."""
    sessions = list(world.sessions.values())
    samples = sound.render(seconds, sessions[0].rate)
    half = _half(samples, sessions[0])
    stream_together(world, [Playing(session, samples[:half]) for session in sessions])
    changed = world.sessions[which]
    changed.line.update(*change_to(world, chain))
    stream_together(world, [Playing(session, samples[half:]) for session in sessions])
    hear_out_together(world, sessions)
    _play_beside(world, changed, samples, chain)


def senseless_change(session: Session, phrase: str) -> Change:
    """`clarity 1 and brilliance 1`, perhaps `of a stage that nobody knows`: the stage and its parameters, in the order told."""
    words, unknown, _ = phrase.partition(" of a stage that nobody knows")
    told = dict(re.findall(r"(\w+) (-?[\d.]+)(?: and |$)", words))
    if not told:
        raise ValueError(f"no change is known as {phrase!r}")
    stages = session.config["stages"]
    assert isinstance(stages, dict), "the session goes through a stage"
    return "reverb" if unknown else next(iter(stages)), {name: float(value) for name, value in told.items()}


# --- what is promised


def require_confirmed(session: Session, count: int = 1) -> None:
    """So many changes were confirmed for the stage, each from one of the next chunks on."""
    for frame in confirmations(session, count):
        before = sum(answer.audio.at < frame.at for answer in session.answers)
        if not before < _from(frame) <= before + NEXT:
            promised = f"the change applies from one of the {NEXT} chunks after number {before} on"
            raise PromiseBrokenError(promised, f"from number {_from(frame)}")


def require_confirmed_under_way(session: Session) -> None:
    """The change was confirmed, from a chunk on whose sound had not come before."""
    (frame,) = confirmations(session, 1)
    before = max((one.sequence for one in session.answers if one.audio.number < frame.number), default=0)
    if not _from(frame) > before:
        promised = f"the change applies from a chunk on that was not answered, after number {before}"
        raise PromiseBrokenError(promised, f"from number {_from(frame)}")


def require_all_confirmed(session: Session) -> None:
    """Every change was confirmed."""
    confirmations(session)


def require_untouched_until(world: AudioWorld, session: Session) -> None:
    """Up to the announced chunk the sound is that of the session that was left alone, to the last bit."""
    first = _from(confirmations(session, 1)[0])
    if first < 2:
        raise VoidError("the change applies from the first chunk on, so that there is nothing before it")
    ours, other = (_sound(one)[: first - 1] for one in (session, world.sessions[LEFT_ALONE]))
    for number, (one, same) in enumerate(zip(ours, other, strict=True), start=1):
        if one != same:
            promised = f"nothing is heard of the change before chunk {first}, from which on it applies"
            raise PromiseBrokenError(promised, f"chunk {number} is another one")


def require_untouched(world: AudioWorld, session: Session) -> None:
    """All of the sound is that of the session that was left alone, to the last bit."""
    for number, (one, same) in enumerate(zip(_sound(session), _sound(world.sessions[LEFT_ALONE]), strict=True), start=1):
        if one != same:
            promised = "the listener hears what a session that is left alone gives"
            raise PromiseBrokenError(promised, f"chunk {number} is another one")


def require_effect(world: AudioWorld, session: Session, within: int, tolerance: float) -> None:
    """From `within` chunks after the announced one on, each chunk has the level (dB) of the session that began so."""
    first = _from(confirmations(session)[-1]) + within
    ours, other = (_levels(one) for one in (session, world.sessions[BEGAN_SO]))
    if first > len(ours):
        seen = f"from number {first - within} of {len(ours)} on"
        raise PromiseBrokenError("the change applies while the sound is played", seen)
    for number in range(first, len(ours) + 1):
        level, wanted = ours[number - 1], other[number - 1]
        if not abs(level - wanted) <= tolerance:
            promised = f"within {within} chunks the level is that of a session that began so, {wanted:.2f} ± {tolerance:g} dBFS"
            raise PromiseBrokenError(promised, f"{level:.2f} dBFS in chunk {number}")


def require_difference(world: AudioWorld, session: Session, least: float) -> None:
    """In the end the level is at least so many dB from that of the session that was left alone."""
    seen, before = _levels(session)[-1], _levels(world.sessions[LEFT_ALONE])[-1]
    if not abs(seen - before) >= least:
        raise PromiseBrokenError(f"the change is heard, as {least:g} dB at least", f"{before:.2f} dBFS became {seen:.2f} dBFS")


def require_no_click(world: AudioWorld, session: Session, times: float) -> None:
    """No step from sample to sample is greater than so many times the greatest of the sessions that were not changed."""
    steady = max(levels.greatest_step(_whole(world.sessions[name])) for name in (LEFT_ALONE, BEGAN_SO))
    sound = _whole(session)
    seen = levels.greatest_step(sound)
    if not seen <= times * steady:
        at = int(np.argmax(np.abs(np.diff(sound)))) + 1
        promised = f"no step is greater than {times:g} times {steady:.4f} of full scale"
        raise PromiseBrokenError(promised, f"one of {seen:.4f}, {at / session.rate:.3f} s after the beginning")


def require_turned(session: Session, least: float) -> None:
    """Before each change but the first the level is at least so many dB from what it was before the last one."""
    told = [_from(frame) for frame in confirmations(session)]
    settled = [_levels(session)[number - 2] for number in told]
    for before, after in pairwise(settled):
        if not abs(after - before) >= least:
            promised = f"each change is heard, as {least:g} dB at least"
            raise PromiseBrokenError(promised, f"{before:.2f} dBFS became {after:.2f} dBFS")


def confirmations(session: Session, count: int | None = None) -> list[Frame]:
    """What confirmed a change of its stage. PromiseBrokenError where there are none, or others than `count`."""
    stages = session.config["stages"]
    found = [frame for line in session.lines for frame in line.frames if frame.type in (Tell.CONFIG_UPDATED, Tell.ERROR)]
    for frame in found:
        right = frame.type == Tell.CONFIG_UPDATED and frame.fields.get("success") is True and frame.applies_from is not None
        if not right or not isinstance(stages, dict) or frame.fields.get("stage_id") not in stages:
            raise PromiseBrokenError("the change of the stage is confirmed, from a chunk on", str(frame))
    if not found or count not in (None, len(found)):
        raise PromiseBrokenError(f"{count or 1} changes are confirmed", f"{len(found)}")
    return found


# --- inside


def _half(samples: Samples, session: Session) -> int:
    """A border between two chunks, about half way."""
    return len(samples) // (2 * usual_chunk(session)) * usual_chunk(session)


def _from(frame: Frame) -> int:
    assert frame.applies_from is not None, "looked at by confirmations()"
    return frame.applies_from


def _parameters(session: Session, stage: str) -> dict[str, object]:
    """As the session began."""
    stages = session.config["stages"]
    assert isinstance(stages, dict), "the session goes through a stage"
    return dict(stages[stage]["parameters"])


def _play_beside(world: AudioWorld, session: Session, samples: Samples, chain: Chain | None) -> None:
    """The same in a session like it that is left alone, and in one that began as `chain` says."""
    speaking = world.speaking
    others = [world.open_session(session.config, rate=session.rate, name=LEFT_ALONE)]
    if chain is not None:
        others.append(world.open_session(chain, rate=session.rate, name=BEGAN_SO))
    stream_together(world, [Playing(one, samples) for one in others])
    hear_out_together(world, others)
    world.speaking = speaking


def _sound(session: Session) -> list[bytes]:
    """What came out, chunk by chunk, as far as something was played."""
    return [answer.pcm for take in session.takes for answer in take.answers]


def _whole(session: Session) -> Samples:
    return from_pcm16(b"".join(_sound(session)))


def _levels(session: Session) -> list[float]:
    """dBFS of every chunk that came out."""
    return [levels.rms_dbfs(from_pcm16(pcm)) for pcm in _sound(session)]
