"""Spectra and loudness that are asked for, and whether the answers are right. Each `require_*` raises PromiseBrokenError."""

from collections.abc import Callable, Mapping

from support.audio.loudness_answer import Loudness
from support.audio.recordings import Recording
from support.audio.rest import Answer
from support.audio.spectrum_answer import Spectrum
from support.audio.world import AudioWorld
from support.kit.errors import PromiseBrokenError

LIMIT = 30.0
"""Seconds that an answer may take: a minute of sound is measured step by step."""
Ask = Callable[[Mapping[str, object], float], Answer]


def asked_of(recording: Recording, **more: object) -> dict[str, object]:
    """What is asked: an analysis of a recording, and `more` of it."""
    return {
        "audio_data": recording.base64,
        "sample_rate": recording.rate,
        "channels": recording.channels,
    } | more


def ask_spectrum(world: AudioWorld, *, size: int | None = None, times: int = 1) -> None:
    """Ask for the spectrum of the recording, in windows of so many samples, or of as many as is usual."""
    more = {} if size is None else {"window_size": size}
    _ask(world, world.pipeline.rest.spectrum, asked_of(world.desk.recording, **more), times)


def ask_loudness(world: AudioWorld, *, target: float | None = None, times: int = 1) -> None:
    """Ask for the loudness of every recording, for a target (LUFS) or the usual one."""
    more = {} if target is None else {"target_lufs": target}
    for recording in world.desk.recordings:
        _ask(world, world.pipeline.rest.loudness, asked_of(recording, **more), times)


def _ask(world: AudioWorld, ask: Ask, body: Mapping[str, object], times: int) -> None:
    for _ in range(times):
        answer = ask(body, LIMIT)
        world.answers.append(answer)
        if answer.code != 200:
            raise PromiseBrokenError("an analysis of a sound is answered", str(answer))


def spectrum(world: AudioWorld) -> Spectrum:
    """The last answer."""
    return Spectrum.of(world.answer.body)


def loudness(world: AudioWorld) -> Loudness:
    """The last answer."""
    return Loudness.of(world.answer.body)


# --- what is promised


def require_axis(world: AudioWorld, rate: int, step: float) -> None:
    """It goes from 0 Hz to half of the rate in steps of `step` Hz, and says of which rate and windows it is."""
    spectrum(world).require_axis(rate, step)
    for key, wanted in (("sample_rate", rate), ("window_size", round(rate / step))):
        if world.answer.fields.get(key) != wanted:
            raise PromiseBrokenError(f"a spectrum tells its {key}, {wanted:,}", repr(world.answer.fields.get(key)))


def require_each(world: AudioWorld, figure: str, value: float, tolerance: float) -> None:
    """The figure of every recording is this."""
    for number, answer in enumerate(world.answers[-len(world.desk.recordings) :], 1):
        try:
            Loudness.of(answer.body).require(figure, value, tolerance, tolerance, "LUFS")
        except PromiseBrokenError as error:
            raise PromiseBrokenError(f"{error.promised}, of every recording", f"{error.seen} of number {number}") from error


def require_twice_the_same(world: AudioWorld) -> None:
    """The last two answers are equal, number by number."""
    first, second = world.answers[-2:]
    if first.fields != second.fields:
        names = [name for name in {**first.fields, **second.fields} if first.fields.get(name) != second.fields.get(name)]
        raise PromiseBrokenError("the same sound has the same answer, number by number", f"other {', '.join(names)}")
