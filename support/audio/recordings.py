"""Finished recordings in the words of the feature files: what they hold, and the forms in which they come and go."""

import base64
import binascii
import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from support.audio import signals
from support.audio.signals import Samples
from support.audio.sounds import parse_sound

PLAIN_RATE = 16000
AT = r"(?:at ([\d,]+) Hz )?of (.+)"
LEVELS = re.compile(r"(?:, (\d+) times)? at (-?[\d.]+ dBFS for [\d.]+ s(?:, -?[\d.]+ dBFS for [\d.]+ s)*)")
PARTS = {"a quarter": 4, "a sixth": 6, "an eighth": 8}
CLICK = 0.002
"""Seconds of a click: short enough to weigh next to nothing in a programme's loudness."""
CLICK_FREQUENCY = 4000.0
AFTER = 0.5
"""Seconds of silence after a short sound: a meter may look beyond its end."""


@dataclass(frozen=True)
class Recording:
    """samples: float64 of full scale 1.0, (n,) or (n, channels). rate: Hz."""

    samples: Samples
    rate: int

    @property
    def channels(self) -> int:
        """How many there are."""
        return 1 if self.samples.ndim == 1 else self.samples.shape[1]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate

    @property
    def pcm(self) -> bytes:
        """Signed 16 bits, little-endian, interleaved."""
        return signals.to_pcm16(self.samples)

    @property
    def base64(self) -> str:
        """The same as text."""
        return base64.b64encode(self.pcm).decode()


def parse_recording(text: str, channels: int = 1) -> Recording:
    """What is meant by "at 48,000 Hz of a tone of 1,000 Hz at -20 dBFS for 2 s". ValueError for what is not known."""
    match = re.fullmatch(AT, text)
    if match is None:
        raise ValueError(f"no recording is known as {text!r}")
    rate = int((match[1] or str(PLAIN_RATE)).replace(",", ""))
    samples = _content(match[2], rate)
    return Recording(samples if channels == 1 else np.repeat(samples[:, None], channels, axis=1), rate)


def later_and_later(count: int, level: float, seconds: float, step: float, rate: int = 48000) -> list[Recording]:
    """`count` stereo recordings of a 1,000 Hz tone (peak, dBFS), each beginning `step` seconds later than the one before."""
    return [
        Recording(signals.segments([(-math.inf, number * step), (level, seconds), (-math.inf, AFTER)], rate=rate), rate)
        for number in range(count)
    ]


def _content(text: str, rate: int) -> Samples:
    for pattern, make in _CONTENTS:
        if match := re.fullmatch(pattern, text):
            return make(match, rate)
    raise ValueError(f"no sound of a recording is known as {text!r}")


def _levels(match: re.Match[str], rate: int) -> Samples:
    frequency, times, levels = float(match[1].replace(",", "")), int(match[2] or 1), match[3]
    told = [(float(level), float(seconds)) for level, seconds in re.findall(r"(-?[\d.]+) dBFS for ([\d.]+) s", levels)]
    tone = signals.segments(told * times, frequency, rate, channels=1)
    return _with_click(tone, rate) if match[4] else tone


def _with_click(tone: Samples, rate: int) -> Samples:
    click = signals.sine(CLICK_FREQUENCY, 0.0, CLICK, rate)
    middle = len(tone) // 2
    return np.concatenate([tone[:middle], click, tone[middle + len(click) :]])


def _of_rate(match: re.Match[str], rate: int) -> Samples:
    phase, amplitude = float(match[2]), float(match[3])
    turns = np.arange(signals.samples_in(2.0, rate)) / PARTS[match[1]] + phase / 360
    return signals.faded(amplitude * np.sin(2 * np.pi * turns), rate)


def _then_silence(match: re.Match[str], rate: int) -> Samples:
    return np.concatenate([parse_sound(match[1]).render(float(match[2]), rate), signals.silence(float(match[3]), rate)])


def _steady(match: re.Match[str], rate: int) -> Samples:
    return parse_sound(match[1]).render(float(match[2]), rate)


_CONTENTS: list[tuple[str, Callable[[re.Match[str], int], Samples]]] = [
    (rf"a tone of ([\d,]+) Hz{LEVELS.pattern}(, with a click at 0 dBFS)?", _levels),
    (
        rf"a tone at ({'|'.join(PARTS)}) of the sample rate, from ([\d.]+) degrees on, with an amplitude of ([\d.]+)",
        _of_rate,
    ),
    (r"(.+) for ([\d.]+) s and silence for ([\d.]+) s after it", _then_silence),
    (r"(.+) for ([\d.]+) s", _steady),
]


# --- forms


def written(recording: Recording, form: str) -> bytes:
    """The file in a form: WAV, FLAC, or the base64 of its samples. ValueError for another form."""
    match form:
        case "WAV":
            return signals.to_wav(recording.samples, recording.rate)
        case "FLAC":
            return _flac(recording)
        case "bare base64":
            return recording.base64.encode()
    raise ValueError(f"no form is known as {form!r}")


class UnreadableError(ValueError):
    """What came back is no recording of the form that was asked for."""


def read(data: bytes, form: str, rate: int) -> Recording:
    """The recording that is written in a form; `rate` in Hz where the form does not tell it. UnreadableError."""
    if form == "bare base64":
        if len(data) % 2:
            raise UnreadableError(f"{len(data):,} bytes are no whole number of samples of 16 bits")
        return Recording(signals.from_pcm16(data), rate)
    begins = {"WAV": b"RIFF", "FLAC": b"fLaC"}[form]
    if not data.startswith(begins):
        raise UnreadableError(f"it begins with {data[:4]!r}, and a {form} file with {begins!r}")
    import soundfile  # it takes a while, and few scenarios need it

    try:
        samples, found = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=False)
    except soundfile.SoundFileError as error:
        raise UnreadableError(f"it is no {form} file: {error}") from error
    return Recording(samples / signals.FULL_SCALE, int(found))


def decoded(text: object) -> bytes:
    """The bytes of strict base64. UnreadableError."""
    if not isinstance(text, str):
        raise UnreadableError(f"the sound is no text but {str(text)[:40]!r}")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableError(f"the sound is no base64: {error}") from error


def _flac(recording: Recording) -> bytes:
    import soundfile  # as above

    file = io.BytesIO()
    whole = np.frombuffer(recording.pcm, dtype="<i2").reshape(len(recording.samples), -1)
    soundfile.write(file, whole, recording.rate, format="FLAC", subtype="PCM_16")
    return file.getvalue()
