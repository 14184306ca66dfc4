"""A picture of a sound before and after: both waveforms and both spectra, for a person to look at."""

import math
from collections.abc import Iterator
from html import escape

import numpy as np

from support.audio.bands import LEAST, power_average
from support.audio.comparing import bit_exact
from support.audio.levels import peak_dbfs, rms_dbfs
from support.audio.signals import Samples

WIDTH, HEIGHT = 960, 726
LEFT, RIGHT = 76, 940
"""Pixels between which the axes lie."""
PLAYED_TOP, HEARD_TOP, WAVE_HEIGHT = 58, 212, 120
SPECTRUM_TOP, SPECTRUM_HEIGHT = 406, 260
PLAYED_COLOUR, HEARD_COLOUR = "#5b9bd5", "#b3400a"
LOWEST_HZ, LOWEST_DBFS = 20.0, -120.0
WINDOWS = 30
"""Windows of a spectrum at most: of a long sound they lie apart."""
WINDOW_SECONDS, LONGEST_WINDOW = 0.25, 8192
STYLE = (
    "text{font:12px sans-serif;fill:#333}.big{font-size:14px;font-weight:bold}.end{text-anchor:end}.mid{text-anchor:middle}"
    ".grid{stroke:#ddd;fill:none}.box{stroke:#888;fill:none}"
    f".played{{stroke:{PLAYED_COLOUR};fill:{PLAYED_COLOUR}}}.heard{{stroke:{HEARD_COLOUR};fill:{HEARD_COLOUR}}}"
    ".line{fill:none;stroke-linejoin:round}"
)


def picture(played: Samples, heard: Samples, rate: int, title: str = "What was played and what was heard") -> str:
    """An SVG of under 60 KB with the waveforms (the least and the greatest sample of each column of pixels, both at one scale)
    and the spectra (dBFS over frequency, a full-scale sine at 0).

    played, heard: (n,) or (n, channels), of any lengths. rate: Hz.
    """
    sounds = [("played", played, PLAYED_TOP), ("heard", heard, HEARD_TOP)]
    seconds = max(len(played), len(heard), 1) / rate
    scale = _scale(max(_peak(played), _peak(heard)))
    same = ", the same to the last bit" if len(played) and bit_exact(played, heard) else ""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<title>{escape(title)}</title><style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>',
        _text(LEFT, 22, title, "big"),
    ]
    for name, samples, top in sounds:
        parts += _time_axis(top, seconds, labelled=name == "heard")
        parts += _scale_axis(top, scale)
        parts.append(_wave(name, samples, top, seconds * rate, scale))
        parts.append(_text(LEFT, top - 7, f"{name}: {_described(samples, rate)}{same if name == 'heard' else ''}"))
    parts += _spectrum_axes(rate)
    parts += [_spectrum(name, samples, rate) for name, samples, _ in sounds]
    parts += [*_legend(), "</svg>"]
    return "\n".join(parts)


# --- axes


def _time_axis(top: int, seconds: float, *, labelled: bool) -> Iterator[str]:
    bottom = top + WAVE_HEIGHT
    step = _round_step(seconds / 8)
    for number in range(int(seconds / step + 1e-9) + 1):
        x = LEFT + (RIGHT - LEFT) * number * step / seconds
        yield f'<path class="grid" d="M{x:.1f},{top}V{bottom}"/>'
        if labelled:
            yield _text(x, bottom + 16, f"{number * step:g}", "mid")
    yield _box(top, WAVE_HEIGHT)
    if labelled:
        yield _text((LEFT + RIGHT) / 2, bottom + 33, "time in s", "mid")


def _scale_axis(top: int, scale: float) -> Iterator[str]:
    for part in (-1.0, -0.5, 0.0, 0.5, 1.0):
        y = top + WAVE_HEIGHT * (0.5 - part / 2)
        yield f'<path class="grid" d="M{LEFT},{y:.1f}H{RIGHT}"/>'
        yield _text(LEFT - 6, y + 4, f"{part * scale:g}", "end")
    yield _upright(18, top + WAVE_HEIGHT / 2, "of full scale")


def _spectrum_axes(rate: int) -> Iterator[str]:
    bottom = SPECTRUM_TOP + SPECTRUM_HEIGHT
    yield _text(LEFT, SPECTRUM_TOP - 7, "spectra: average over Hann windows; a full-scale tone reaches 0 dBFS")
    for level in range(int(LOWEST_DBFS), 1, 20):
        y = SPECTRUM_TOP + SPECTRUM_HEIGHT * level / LOWEST_DBFS
        yield f'<path class="grid" d="M{LEFT},{y:.1f}H{RIGHT}"/>'
        yield _text(LEFT - 6, y + 4, f"{level}", "end")
    for decade in (10, 100, 1000, 10_000):
        for digit in range(1, 10):
            if not LOWEST_HZ <= digit * decade <= rate / 2:
                continue
            x = _x_of(digit * decade, rate)
            yield f'<path class="grid" d="M{x:.1f},{SPECTRUM_TOP}V{bottom}"/>'
            if digit in (1, 2, 5):
                yield _text(float(x), bottom + 16, f"{digit * decade:,}", "mid")
    yield _box(SPECTRUM_TOP, SPECTRUM_HEIGHT)
    yield _text((LEFT + RIGHT) / 2, bottom + 33, f"frequency in Hz (up to {rate / 2:,g})", "mid")
    yield _upright(18, SPECTRUM_TOP + SPECTRUM_HEIGHT / 2, "level in dBFS")


def _legend() -> Iterator[str]:
    for name, x in (("played", RIGHT - 150), ("heard", RIGHT - 66)):
        y = SPECTRUM_TOP - 11
        yield f'<path class="{name} line" stroke-width="{_stroke(name)}" d="M{x},{y}h22"/>{_text(x + 28, y + 4, name)}'


# --- curves


def _wave(name: str, samples: Samples, top: int, whole: float, scale: float) -> str:
    """The outline of all that is within each column of pixels; of a short sound, the line through its samples."""
    if not samples.size:
        return _text((LEFT + RIGHT) / 2, top + WAVE_HEIGHT / 2 - 6, "nothing", "mid")
    count = len(samples)
    columns = max(1, round((RIGHT - LEFT) * count / whole))
    if count <= 2 * columns and samples.ndim == 1:
        x = LEFT + np.arange(count) * (RIGHT - LEFT) / whole
        return f'<path class="{name} line" d="{_line(x, _y_of(samples, top, scale))}"/>'
    starts = np.unique(np.arange(columns) * count // columns)
    x = LEFT + starts * (RIGHT - LEFT) / whole
    greatest = np.maximum.reduceat(samples, starts).reshape(len(starts), -1).max(axis=1)
    least = np.minimum.reduceat(samples, starts).reshape(len(starts), -1).min(axis=1)
    outline = np.concatenate([_y_of(greatest, top, scale), _y_of(least, top, scale)[::-1]])
    return f'<path class="{name}" stroke-width="0.7" d="{_line(np.concatenate([x, x[::-1]]), outline)}Z"/>'


def _spectrum(name: str, samples: Samples, rate: int) -> str:
    """The highest level in each column of pixels."""
    size = min(1 << round(math.log2(WINDOW_SECONDS * rate)), LONGEST_WINDOW, 1 << max(len(samples), 1).bit_length() - 1)
    if size < 16:
        return ""
    step = max(size // 2, (len(samples) - size) // (WINDOWS - 1))
    channels = [samples] if samples.ndim == 1 else list(samples.T)
    each = [power_average(channel, rate, size, step) for channel in channels]
    frequencies, power = each[0][0], np.mean([power for _, power in each], axis=0)
    seen = frequencies >= LOWEST_HZ
    level = 10 * np.log10(np.maximum(power[seen], LEAST))
    columns = np.rint(_x_of(frequencies[seen], rate)).astype(int)
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    if not len(starts):
        return ""
    highest = np.clip(np.maximum.reduceat(level, starts), LOWEST_DBFS, 0)
    line = _line(columns[starts], SPECTRUM_TOP + SPECTRUM_HEIGHT * highest / LOWEST_DBFS)
    return f'<path class="{name} line" stroke-width="{_stroke(name)}" d="{line}"/>'


def _line(x: Samples, y: Samples) -> str:
    return "M" + " ".join([f"{across:.0f},{down:.1f}" for across, down in zip(x.tolist(), y.tolist(), strict=True)])


# --- parts


def _x_of(frequency: Samples | float, rate: int) -> Samples:
    return np.asarray(LEFT + (RIGHT - LEFT) * np.log(np.divide(frequency, LOWEST_HZ)) / math.log(rate / 2 / LOWEST_HZ))


def _y_of(samples: Samples, top: int, scale: float) -> Samples:
    return np.asarray(top + WAVE_HEIGHT * (0.5 - samples / scale / 2))


def _peak(samples: Samples) -> float:
    return float(np.max(np.abs(samples), initial=0.0))


def _scale(peak: float) -> float:
    """The roundest number that holds the wave: 1, 0.5, 0.2, 0.1, ... of full scale."""
    return _round_step(peak) if peak > 0 else 1.0


def _round_step(least: float) -> float:
    """The least of 1, 2, 5, 10, 20, ... (and 0.5, 0.2, ...) that is not less."""
    decade = 10.0 ** math.floor(math.log10(least))
    return next(round(digit * decade, 12) for digit in (1, 2, 5, 10) if digit * decade >= least * (1 - 1e-9))


def _stroke(name: str) -> float:
    return {"played": 3.0, "heard": 1.2}[name]  # the same spectra stay visible behind each other


def _described(samples: Samples, rate: int) -> str:
    if not samples.size:
        return "nothing"
    levels = f"{rms_dbfs(samples):.1f} dBFS RMS, {peak_dbfs(samples):.1f} dBFS peak"
    return f"{len(samples) / rate:,.6g} s at {rate:,} Hz, {levels}".replace("-inf dBFS RMS, -inf dBFS peak", "silence")


def _box(top: int, height: int) -> str:
    return f'<rect class="box" x="{LEFT}" y="{top}" width="{RIGHT - LEFT}" height="{height}"/>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}"{kind and f" class={chr(34)}{kind}{chr(34)}"}>{escape(text)}</text>'


def _upright(x: float, y: float, text: str) -> str:
    return f'<text class="mid" transform="translate({x},{y:.0f}) rotate(-90)">{escape(text)}</text>'
