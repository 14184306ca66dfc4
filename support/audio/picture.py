"""A picture of a sound before and after: waveforms and spectra, for a person to look at."""

from support.audio.signals import Samples


def picture(played: Samples, heard: Samples, rate: int) -> str:
    """An SVG of under 60 KB."""
    raise NotImplementedError
