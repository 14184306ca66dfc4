"""What a listener hears of what was played: judgements on the two, each in the words of a promise.

Samples are float64 of full scale 1.0, mono, as long as what was played, with the delay that the pipeline tells taken off. Each
`require_*` raises PromiseBrokenError with what was promised and what was heard.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from support.audio import bands, levels, loudness
from support.audio.changes import Change
from support.audio.true_peak import true_peak_dbtp
from support.kit.errors import PromiseBrokenError, VoidError

Samples = NDArray[np.float64]
FULL_SCALE = 32767 / 32768
EDGE = 0.01
"""Seconds at either end that do not count for a true peak: a sound that begins or ends in mid-wave has edges of its own."""
PRESENCE = (2000.0, 4500.0)
BASS = (80.0, 250.0)
"""Hz. Where a voice's presence and its bass lie."""
CLOSE = 1e-4
"""Of full scale: what two sounds that are the same may be apart."""
FARTHEST = 0.25
"""Seconds by which a sound may lie away from where it was told to be and still be found."""


@dataclass(frozen=True)
class Hearing:
    """played, heard: of equal length. rate: Hz."""

    played: Samples
    heard: Samples
    rate: int

    def __post_init__(self) -> None:
        if len(self.played) != len(self.heard) or not len(self.played):
            raise PromiseBrokenError(
                f"the listener hears {len(self.played):,} samples, as many as were played", f"{len(self.heard):,} samples"
            )

    @property
    def settled(self) -> "Hearing":
        """The last third: what comes before, a stage may need to settle."""
        begin = 2 * len(self.played) // 3
        return Hearing(self.played[begin:], self.heard[begin:], self.rate)

    def after(self, seconds: float) -> "Hearing":
        """What was played after `seconds`. VoidError where there is nothing."""
        begin = round(seconds * self.rate)
        if begin >= len(self.played):
            raise VoidError(f"nothing was played after {seconds:g} s")
        return Hearing(self.played[begin:], self.heard[begin:], self.rate)


# --- levels


def require_tone(hearing: Hearing, frequency: float, change: Change) -> None:
    """The tone's level changes so."""
    last = hearing.settled
    before = levels.tone_dbfs(last.played, frequency, last.rate)
    change.require(f"the tone of {frequency:,g} Hz", before, levels.tone_dbfs(last.heard, frequency, last.rate))


def require_lower_tone(first: Hearing, second: Hearing, frequency: float, least: float) -> None:
    """The tone is at least `least` dB lower in the second than in the first."""
    one, other = (levels.tone_dbfs(each.settled.heard, frequency, each.rate) for each in (first, second))
    if not one - other >= least:
        seen = f"{one:.2f} dBFS and {other:.2f} dBFS, {one - other:.2f} dB lower"
        raise PromiseBrokenError(f"the tone of {frequency:,g} Hz is at least {least:g} dB lower in the second", seen)


def require_noise(hearing: Hearing, tones: Sequence[float], change: Change) -> None:
    """What is there beside the tones changes so."""
    last = hearing.settled
    before, after = (levels.residue_dbfs(each, tones, last.rate) for each in (last.played, last.heard))
    change.require("the noise", before, after)


def require_band(hearing: Hearing, name: str, change: Change) -> None:
    """The level of the presence or of the bass changes so."""
    low, high = {"presence": PRESENCE, "bass": BASS}[name]
    last = hearing.settled
    before, after = (bands.band_dbfs(each, last.rate, low, high) for each in (last.played, last.heard))
    change.require(f"the {name} ({low:g} to {high:g} Hz)", before, after)


def require_whole(hearing: Hearing, change: Change) -> None:
    """The level of all that is heard changes so."""
    last = hearing.settled
    change.require("the sound", levels.rms_dbfs(last.played), levels.rms_dbfs(last.heard))


def require_level(hearing: Hearing, wanted: float, tolerance: float) -> None:
    """What is heard in the end has this level (RMS, dBFS of a full-scale square wave)."""
    seen = levels.rms_dbfs(hearing.settled.heard)
    if not abs(seen - wanted) <= tolerance:
        raise PromiseBrokenError(f"the listener hears it at {wanted:g} dBFS ± {tolerance:g} dB", f"{seen:.2f} dBFS")


# --- peaks and loudness


def require_true_peak(hearing: Hearing, most: float) -> None:
    """The true peak is never above `most` dBTP."""
    edge = round(EDGE * hearing.rate)
    seen = true_peak_dbtp(hearing.heard[edge : len(hearing.heard) - edge], hearing.rate)
    if not seen <= most:
        raise PromiseBrokenError(f"the true peak is never above {most:g} dBTP", f"{seen:.2f} dBTP")


def require_peak(hearing: Hearing, most: float) -> None:
    """No sample is above `most` dBFS."""
    seen = levels.peak_dbfs(hearing.heard)
    if not seen <= most:
        raise PromiseBrokenError(f"no sample is above {most:g} dBFS", f"one at {seen:.2f} dBFS")


def require_loudness(hearing: Hearing, after: float, wanted: float, tolerance: float) -> None:
    """What is heard after the first `after` seconds has this integrated loudness (LUFS, LU)."""
    seen = loudness.integrated(hearing.after(after).heard, hearing.rate)
    if not abs(seen - wanted) <= tolerance:
        promised = f"the loudness after the first {after:g} s is {wanted:g} LUFS ± {tolerance:g} LU"
        raise PromiseBrokenError(promised, f"{seen:.2f} LUFS")


# --- sample by sample


def require_scaled(hearing: Hearing, gain: float, tolerance: float, *, cut_off: bool = False) -> None:
    """Every sample is what was played, `gain` dB louder. tolerance: of full scale. cut_off: where that is too loud."""
    wanted = hearing.played * 10 ** (gain / 20)
    if cut_off:
        if not np.max(np.abs(wanted)) > 1.0:
            raise VoidError(f"nothing that was played is over full scale when it is {gain:g} dB louder")
        wanted = np.clip(wanted, -1.0, FULL_SCALE)
    off = np.abs(hearing.heard - wanted)
    worst = int(np.argmax(off))
    if not off[worst] <= tolerance:
        promised = f"the listener hears what was played at {gain:g} dB{', cut off at full scale' if cut_off else ''}"
        seen = f"{hearing.heard[worst]:.5f} instead of {wanted[worst]:.5f} at {worst / hearing.rate:.4f} s"
        raise PromiseBrokenError(f"{promised}, within {tolerance:g} of full scale", f"{seen}, {off[worst]:.5f} off")


def require_same(first: Hearing, second: Hearing, tolerance: float) -> None:
    """The same is heard in both, sample by sample. tolerance: of full scale; 0 is to the last bit."""
    if not np.array_equal(first.played, second.played):
        raise VoidError("the two were not played the same")
    off = np.abs(first.heard - second.heard)
    worst = int(np.argmax(off))
    if not off[worst] <= tolerance:
        where = f"within {tolerance:g} of full scale" if tolerance else "to the last bit"
        differing = np.flatnonzero(off > tolerance)
        seen = (
            f"{len(differing):,} samples differ, the first at {differing[0] / first.rate:.4f} s, the most at"
            f" {worst / first.rate:.4f} s: {first.heard[worst]:.5f} and {second.heard[worst]:.5f}"
        )
        raise PromiseBrokenError(f"the listener hears the same in both, {where}", seen)


def require_aligned(hearing: Hearing, tolerance: float) -> None:
    """What is heard lies where it was played. tolerance: seconds; 0 is to the sample."""
    if not np.any(hearing.heard):
        raise PromiseBrokenError("what the listener hears lines up with what was played", "silence")
    lag = offset(hearing)
    if not abs(lag) <= tolerance * hearing.rate:
        where = f"within {tolerance * 1000:g} ms" if tolerance else "to the sample"
        seen = f"{abs(lag)} samples ({abs(lag) * 1000 / hearing.rate:.2f} ms) too {'late' if lag > 0 else 'early'}"
        raise PromiseBrokenError(f"what the listener hears lines up with what was played {where}", seen)


def offset(hearing: Hearing) -> int:
    """By how many samples what is heard comes late, by the greatest cross-correlation; below 0: early."""
    size = 1 << (2 * len(hearing.played) - 1).bit_length()
    spectrum = np.fft.rfft(hearing.heard, size) * np.conj(np.fft.rfft(hearing.played, size))
    correlation = np.fft.irfft(spectrum, size)
    farthest = min(round(FARTHEST * hearing.rate), len(hearing.played) - 1)
    lags = np.arange(-farthest, farthest + 1)
    return int(lags[np.argmax(correlation[lags])])
