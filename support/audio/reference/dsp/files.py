"""Sound files in and out, by libsndfile."""

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

from support.audio.protocol import Code, RefusedError

Pcm = NDArray[np.int16]

FORMATS = {"wav": "WAV", "flac": "FLAC"}


def read(data: bytes) -> tuple[Pcm, int, int]:
    """Samples of shape (length, channels), rate, channels. RefusedError UNSUPPORTED_AUDIO for what is no sound file."""
    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    except (soundfile.SoundFileError, ValueError, MemoryError) as error:
        raise RefusedError(Code.UNSUPPORTED_AUDIO, "this is no sound file that can be read", "audio_file") from error
    return samples, int(rate), samples.shape[1]


def write(samples: Pcm, rate: int, form: str) -> bytes:
    """A file of 16 bits in a form of FORMATS."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=FORMATS[form], subtype="PCM_16")
    return file.getvalue()
