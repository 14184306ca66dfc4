"""Requests that make no sense, by the phrases of the feature files, and how they are refused."""

import base64
import json
from collections.abc import Callable, Mapping

from support.audio import analysing, signals, trying
from support.audio.protocol import STAGES
from support.audio.recordings import Recording
from support.audio.rest import Answer
from support.audio.stage_words import parse_stage
from support.audio.wishes import own_parameters
from support.audio.world import AudioWorld
from support.kit.errors import PromiseBrokenError

REFUSALS: dict[str, frozenset[int]] = {
    "incomplete": frozenset({400}),
    "unreadable": frozenset({415}),
    "wrongly configured": frozenset({422}),
    "no sound, at all": frozenset({400, 415}),
    "not found": frozenset({404}),
    "a mistake": frozenset(range(400, 500)),
}
"""Kinds of refusals: the statuses that the agreement has for them, and any of a client's mistakes where it names none."""

SOUND = Recording(signals.sine(1000.0, -20.0, 1.0), 16000)
WAV = signals.to_wav(SOUND.samples, SOUND.rate)
TEXT = b"This is no recording, whatever it is called.\n" * 20
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
"""A PNG of one pixel."""
NOBODY = "reverb"
"""A stage that no pipeline has by the agreement."""
CIRCLE = [{"source_stage_id": source, "target_stage_id": target} for source, target in (STAGES[:2], STAGES[1::-1])]


def _file(data: bytes | None, name: str = "recording.wav") -> Callable[[AudioWorld], Answer]:
    return lambda world: world.pipeline.rest.process({"stages": {}}, audio=data, filename=name, output_format="wav")


def _config(config: Mapping[str, object] | str) -> Callable[[AudioWorld], Answer]:
    return lambda world: world.pipeline.rest.process(config, audio=WAV, output_format="wav")


def _stages(*names: str, **more: object) -> dict[str, object]:
    return {"stages": {name: {"enabled": True, "parameters": {}} | more for name in names}}


RECORDINGS: dict[str, Callable[[AudioWorld], Answer]] = {
    "nothing": _file(None),
    "an empty file": _file(b""),
    "a text that is called a WAV file": _file(TEXT),
    "a WAV file of which the beginning is lost": _file(WAV[100:]),
    "a picture": _file(PICTURE, "picture.png"),
    "a recording for a stage that nobody knows": _config(_stages(NOBODY)),
    "a recording for a voice filter with a gain in of 21 dB": _config(_stages("voice_filter", gain_in=21.0)),
    "a recording with connections that go in a circle": _config(_stages(*STAGES[:2]) | {"connections": CIRCLE}),
    "a recording with a configuration that breaks off": _config(json.dumps(_stages("vad"))[:-2]),
}
"""What somebody hands in."""

_HALF = base64.b64encode(SOUND.pcm + b"\x01").decode()
_BODIES: dict[str, dict[str, object]] = {
    "half a sample": {"audio_data": _HALF},
    "something that is no base64": {"audio_data": "*** this is no sound ***"},
    "nothing": {"audio_data": None},
    "a tone in windows of 1,000 samples": {"window_size": 1000},
    "a tone in windows of 256 samples": {"window_size": 256},
    "a tone in windows of 16,384 samples": {"window_size": 16384},
    "a tone at a sample rate of 0 Hz": {"sample_rate": 0},
    "a tone on 0 channels": {"channels": 0},
}
"""What somebody asks an analysis of, as it differs from a right request."""


def hand_in(world: AudioWorld, phrase: str) -> None:
    """Hand in what is no recording, or one that is wrongly configured. KeyError for a phrase that nobody knows."""
    world.answers.append(RECORDINGS[phrase](world))


def ask(world: AudioWorld, what: str, phrase: str) -> None:
    """Ask for the `spectrum` or the `loudness` of something that has none. KeyError for a phrase that nobody knows."""
    rest = world.pipeline.rest
    body = _without_nothing(analysing.asked_of(SOUND) | _BODIES[phrase])
    world.answers.append(rest.spectrum(body) if what == "spectrum" else rest.loudness(body))


def try_stage(world: AudioWorld, phrase: str) -> None:
    """Try a stage that is none, has bad parameters, or is given no sound. ValueError for a phrase that nobody knows."""
    world.answers.append(_try(world, phrase))


def _try(world: AudioWorld, phrase: str) -> Answer:
    rest = world.pipeline.rest
    match phrase.partition(" on "):
        case ("a stage that nobody knows", _, _):
            return rest.stage(NOBODY, trying.request(SOUND, {}))
        case ("a stage without a name", _, _):
            return rest.stage(" ", trying.request(SOUND, {}))
        case ("a limiter with a parameter that nobody knows", _, _):
            return trying.ask_wrongly(world, "limiter", {}, {"loudness_of_the_moon": 1})
        case (stage, " on ", sound):
            body = trying.request(SOUND, {}) | _BODIES[sound]
            return rest.stage(parse_stage(stage).stage, _without_nothing({k: v for k, v in body.items() if k != "stage_config"}))
        case (stage, _, _):
            wish = parse_stage(stage)
            own = own_parameters(wish.stage, trying.parameters_of(wish), world.target)
            return trying.ask_wrongly(world, wish.stage, {}, own)


def _without_nothing(body: Mapping[str, object]) -> dict[str, object]:
    """What is None is left out."""
    return {name: value for name, value in body.items() if value is not None}


# --- what is promised


def require_refused(answer: Answer, kind: str) -> None:
    """The request was refused with a status of this kind, a code and a reason."""
    problem = answer.error
    if answer.code not in REFUSALS[kind] or problem is None or not problem.code or not problem.message:
        codes = sorted(REFUSALS[kind])
        known = f"{codes[0]} to {codes[-1]}" if len(codes) > 2 else " or ".join(map(str, codes))
        raise PromiseBrokenError(f"it is refused as {kind} ({known}), with a code and a reason", str(answer))
