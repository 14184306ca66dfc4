"""One stage that is tried by itself. Each `require_*` raises PromiseBrokenError.

The contract leaves open whether `stage_config` is what stands for a stage in a pipeline's configuration, or its parameters alone:
a pipeline that refuses the one is asked in the other way.
"""

from collections.abc import Mapping

from support.audio.frames import object_in, text_in
from support.audio.recordings import Recording, UnreadableError, decoded, read
from support.audio.rest import Answer
from support.audio.session import Session, Take
from support.audio.signals import from_pcm16, silence
from support.audio.stage_words import Chain, StageWish
from support.audio.world import AudioWorld
from support.kit.errors import PromiseBrokenError

NAME = "who tries it"
WAYS = {"a message": False, "a form": True}
"""Each way to ask: whether it is a form."""
PROBE = Recording(silence(0.1), 16000)


def request(recording: Recording, config: Mapping[str, object]) -> dict[str, object]:
    """What is asked: one stage for one recording."""
    return {"audio_data": recording.base64, "sample_rate": recording.rate, "stage_config": dict(config)}


def try_stage(world: AudioWorld, chain: Chain, way: str) -> None:
    """Try the only stage of `chain` on the recording. PromiseBrokenError where no sound comes back."""
    (wish,) = chain.stages
    recording = world.desk.recording
    config = world.config_of(chain)
    whole = object_in(object_in(config, "stages"), wish.stage)
    answer = ask(world, wish.stage, recording, whole, as_form=WAYS[way])
    world.answers.append(answer)
    if answer.code != 200:
        raise PromiseBrokenError("one stage is tried on a recording", str(answer))
    try:
        came = read(decoded(answer.fields.get("processed_audio")), "bare base64", recording.rate)
    except UnreadableError as error:
        raise PromiseBrokenError("what a stage gives back is sound", str(error)) from error
    session = Session(NAME, "", "", config, recording.rate, answer)
    session.takes.append(Take(from_pcm16(recording.pcm), came.samples, recording.rate, 0, [], []))
    world.sessions[NAME] = session
    world.speaking = NAME
    world.keep(NAME, session.take)


def ask(world: AudioWorld, stage: str, recording: Recording, whole: Mapping[str, object], *, as_form: bool) -> Answer:
    """Ask for a stage as it stands in a configuration; where the pipeline refuses that, by its parameters alone."""
    rest = world.pipeline.rest
    answer = rest.stage(stage, request(recording, whole), as_form=as_form)
    if 400 <= answer.code < 500:
        return rest.stage(stage, request(recording, object_in(whole, "parameters")), as_form=as_form)
    return answer


def ask_wrongly(world: AudioWorld, stage: str, body: Mapping[str, object], parameters: Mapping[str, object]) -> Answer:
    """Ask for a stage with bad parameters, or with a bad `body`, in the way in which this pipeline takes right ones."""
    rest = world.pipeline.rest
    probe = rest.stage(stage, request(PROBE, {"enabled": True, "parameters": {}}))
    config = {"enabled": True, "parameters": dict(parameters)} if probe.code == 200 else dict(parameters)
    return rest.stage(stage, {**request(PROBE, config), **body})


# --- what is promised


def require_named(world: AudioWorld) -> None:
    """The answer names the stage, and every parameter that it was told, with its value."""
    session, answer = world.session, world.answer
    ((stage, wish),) = object_in(session.config, "stages").items()
    if text_in(answer.fields, "stage_name") != stage:
        raise PromiseBrokenError(f"the answer names the stage {stage}", str(answer))
    told = object_in(answer.fields, "stage_config")
    known = {**told, **object_in(told, "parameters")}
    for name, value in object_in(wish if isinstance(wish, dict) else {}, "parameters").items():
        if known.get(name) != value:
            raise PromiseBrokenError(f"the answer tells that {name} is {value}", f"{name} is {known.get(name)!r}")


def parameters_of(wish: StageWish) -> Mapping[str, object]:
    """What a stage in words is told, in the contract's names."""
    return object_in(wish.told(), "parameters")
