"""What a pipeline calls the types of an equalizer's bands: the contract has types, and no words for them."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from support.audio.rest import REFUSED, Answer
from support.audio.stage_words import BAND_TYPES, Band, StageWish
from support.audio.target import EQUALIZER, AudioTarget
from support.kit.errors import DeclinedError

PROMISED = "peaking"
"""The type that the contract's promise is about; no other one need be had."""
WORDS: dict[str, tuple[str, ...]] = {
    "peaking": ("peaking", "peak", "bell", "parametric"),
    "low_shelf": ("low_shelf", "lowshelf", "low-shelf"),
    "high_shelf": ("high_shelf", "highshelf", "high-shelf"),
    "low_pass": ("low_pass", "lowpass", "low-pass"),
    "high_pass": ("high_pass", "highpass", "high-pass"),
}
"""Words in use for each type, the suite's own first."""
STARTED = 200


def learn_words(wishes: Iterable[StageWish], target: AudioTarget, try_band: Callable[[Band], Answer]) -> None:
    """Find the pipeline's words for the types of bands that are wished for, unless the profile tells them or they are known.

    `try_band` asks for a session through one band, and ends it. DeclinedError for a type that is refused by every word; if it is
    the promised one nothing is raised: the scenario will be red, with the pipeline's own reason.
    """
    for band in (band for wish in wishes for band in wish.bands):
        if target.own_name(EQUALIZER, band.type) == band.type and band.type not in target.band_words:
            _learn(band, target, try_band)


def _learn(band: Band, target: AudioTarget, try_band: Callable[[Band], Answer]) -> None:
    first: Answer | None = None
    for word in WORDS[band.type]:
        answer = try_band(replace(band, type=word))
        if answer.code == STARTED:
            target.band_words[band.type] = word
        if answer.code != REFUSED:
            return
        first = first or answer
    if band.type != PROMISED:
        words = next(words for words, known in BAND_TYPES.items() if known == band.type)
        raise DeclinedError(f"the pipeline's equalizer takes no {words}: {first}")
