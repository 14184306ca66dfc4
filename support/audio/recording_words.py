"""Words of the feature files about recordings, what is told of them, and how requests are refused: parameter types of steps."""

from collections.abc import Callable

from parse import with_pattern

from support.audio.loudness_answer import NAMES
from support.audio.mistaken_requests import RECORDINGS, REFUSALS
from support.audio.recordings import parse_recording
from support.audio.trying import WAYS
from support.audio.whole import FORMATS


def _kind(pattern: str, convert: Callable[[str], object] = str) -> Callable[[str], object]:
    typed: Callable[[str], object] = with_pattern(pattern)(lambda text: convert(text))
    return typed


TYPES: dict[str, Callable[[str], object]] = {
    "Recording": _kind(r"(?:at [\d,]+ Hz )?of .+", parse_recording),
    "Stereo": _kind(r"(?:at [\d,]+ Hz )?of .+", lambda text: parse_recording(text, channels=2)),
    "Form": _kind("|".join(FORMATS)),
    "Asking": _kind("|".join(WAYS)),
    "Figure": _kind("|".join(NAMES)),
    "Refusal": _kind("|".join(REFUSALS)),
    "BadRecording": _kind("|".join(RECORDINGS)),
}
