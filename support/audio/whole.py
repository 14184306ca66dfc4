"""Whole recordings that are handed in, and what comes back. Each `require_*` raises PromiseBrokenError."""

from support.audio import levels, signals
from support.audio.frames import object_in, text_in
from support.audio.recordings import Recording, UnreadableError, decoded, read, written
from support.audio.rest import Answer
from support.audio.session import Session, Take
from support.audio.setups import PLAIN
from support.audio.stage_words import Chain
from support.audio.streaming import Playing, play
from support.audio.world import AudioWorld
from support.kit.errors import PromiseBrokenError

FORMATS = {"WAV": "wav", "FLAC": "flac", "bare base64": "base64"}
"""What each form is called on the wire."""
MARKS = {b"RIFF": "WAV", b"fLaC": "FLAC"}
"""How files of each form begin; what begins otherwise is bare samples."""
NAME = "who has handed it in"
LIMIT = 50.0
"""Seconds that a recording may take: less than a step may."""
EDGE = 0.1
"""Seconds at either end that do not count where a sample rate was changed: a filter rings where a sound begins and ends."""


def take(world: AudioWorld, *recordings: Recording) -> None:
    """These are handed in, or asked about; the pipeline runs from here on."""
    world.desk.recordings.extend(recordings)
    assert world.pipeline is not None


def hand_in(
    world: AudioWorld, form: str, chain: Chain = PLAIN, *, back: str = "WAV", rate: int | None = None
) -> None:  # fmt: skip
    """The recording as a file of a form, or as bare base64, through stages; wanted back in a form, and at a rate (Hz).

    PromiseBrokenError where none comes back. What is as it was in rate is the listener's, as if it had been played.
    """
    recording = world.desk.recording
    config = world.config_of(chain)
    fields: dict[str, str | int] = {"output_format": FORMATS[back]}
    if rate is not None or form == "bare base64":  # bare samples have no rate of their own
        fields["sample_rate"] = rate or recording.rate
    is_file = form != "bare base64"
    audio = written(recording, form) if is_file else recording.pcm
    answer = world.pipeline.rest.process(
        config, audio=audio, as_file=is_file, filename=f"recording.{FORMATS[form]}", within=LIMIT, **fields
    )  # fmt: skip
    world.answers.append(answer)
    _receive(world, answer, rate or recording.rate)
    _keep(world, config, answer, resampled=rate not in (None, recording.rate))


def play_to_another(world: AudioWorld) -> None:
    """The same recording, played in a session with the configuration of the batch."""
    recording, config = world.desk.recording, world.session.config
    session = world.open_session(config, rate=recording.rate, name="who has it played")
    play(world, Playing(session, recording.samples))


def _receive(world: AudioWorld, answer: Answer, rate: int) -> None:
    """Read what came back, in whatever form."""
    if answer.code != 200 or answer.fields.get("success") is not True:
        raise PromiseBrokenError("a recording that is handed in is processed", str(answer))
    try:
        data = decoded(answer.fields.get("processed_audio"))
        world.desk.form = MARKS.get(data[:4], "bare base64")
        world.desk.came_back = read(data, world.desk.form, rate)
    except UnreadableError as error:
        raise PromiseBrokenError("the recording that comes back can be read", str(error)) from error
    if world.desk.result.channels != world.desk.recording.channels:
        raise PromiseBrokenError("a recording comes back with its channels", f"{world.desk.result.channels} of them")


def _keep(world: AudioWorld, config: dict[str, object], answer: Answer, *, resampled: bool) -> None:
    """As evidence, and, sample by sample beside what was handed in, as what the listener has heard."""
    came, recording = world.desk.result, world.desk.recording
    played = signals.from_pcm16(recording.pcm, recording.channels)
    if resampled:
        world.keeper.keep(NAME, played, came.samples, recording.rate, came.rate)
        return
    session = Session(NAME, "", text_in(answer.fields, "pipeline_id"), config, recording.rate, answer)
    session.takes.append(Take(played, came.samples, recording.rate, 0, [], []))
    world.sessions[NAME] = session
    world.speaking = NAME
    world.keep(NAME, session.take)


# --- what is promised


def require_seconds(world: AudioWorld, seconds: float) -> None:
    """What came back lasts so long: to the sample, or to one where another rate was wanted."""
    came = world.desk.result
    wanted = signals.samples_in(seconds, came.rate)
    spare = 0 if came.rate == world.desk.recording.rate else 1
    if abs(len(came.samples) - wanted) > spare:
        raise PromiseBrokenError(f"it lasts {seconds:g} s, {wanted:,} samples", f"{len(came.samples):,} samples")


def require_rate(world: AudioWorld, rate: int) -> None:
    """What came back has this sample rate, as its file says."""
    if world.desk.result.rate != rate:
        raise PromiseBrokenError(f"what comes back has {rate:,} Hz", f"{world.desk.result.rate:,} Hz")


def require_form(world: AudioWorld, form: str) -> None:
    """What came back is written in this form."""
    if world.desk.form != form:
        raise PromiseBrokenError(f"what comes back is {form}", world.desk.form)


def require_rest(world: AudioWorld, most: float) -> None:
    """All that came back, together, is at this level at most (RMS, dBFS)."""
    seen = levels.rms_dbfs(_middle(world.desk.result))
    if not seen <= most:
        raise PromiseBrokenError(f"what is left is at {most:g} dBFS at most", f"{seen:.1f} dBFS")


def require_tone_only(world: AudioWorld, frequency: float, level: float, tolerance: float, most: float) -> None:
    """A tone came back at this level (peak, dBFS), and nothing beside it over `most` dBFS (RMS)."""
    came = world.desk.result
    middle = _middle(came)
    seen = levels.tone_dbfs(middle, frequency, came.rate)
    if not abs(seen - level) <= tolerance:
        raise PromiseBrokenError(f"the tone comes back at {level:g} dBFS ± {tolerance:g} dB", f"{seen:.2f} dBFS")
    beside = levels.residue_dbfs(middle, [frequency], came.rate)
    if not beside <= most:
        raise PromiseBrokenError(f"nothing beside the tone is over {most:g} dBFS", f"{beside:.1f} dBFS")


def require_figures(world: AudioWorld, rms: float, peak: float, tolerance: float) -> None:
    """The figures tell this level and these peaks (dBFS)."""
    told = object_in(world.answer.metrics, "quality_metrics") or world.answer.metrics
    for name, wanted in (("rms", rms), ("peak", peak)):
        seen = told.get(name)
        if isinstance(seen, bool) or not isinstance(seen, int | float) or not abs(seen - wanted) <= tolerance:
            raise PromiseBrokenError(f"the figures tell {name} {wanted:g} dBFS ± {tolerance:g} dB", repr(seen))


def require_right_one(world: AudioWorld) -> None:
    """A right recording is processed, and comes back as it was."""
    world.desk.recordings[:] = [Recording(signals.white_noise(-12.0, 0.5), 16000)]
    hand_in(world, "WAV")
    if world.desk.result.pcm != world.desk.recording.pcm:
        raise PromiseBrokenError("a recording comes back as it was, where nothing is to be done to it", "another sound")


def _middle(recording: Recording) -> signals.Samples:
    edge = signals.samples_in(EDGE, recording.rate)
    if len(recording.samples) <= 2 * edge:
        raise PromiseBrokenError("what comes back is as long as it was", f"{len(recording.samples):,} samples")
    return recording.samples[edge : len(recording.samples) - edge]
