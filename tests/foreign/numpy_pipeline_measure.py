"""Recordings of another make: loudness (BS.1770-4, EBU Tech 3342), spectra, other sample rates, and files.

Samples here are float64 of full scale 1.0, (n, channels), but for files: int16.
"""

import io
import math
import wave

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy_pipeline_sound import Cascade, decibels, weighting

OFFSET, ABSOLUTE_GATE = -0.691, -70.0  # LUFS
WINDOWS = {"hann": np.hanning, "hamming": np.hamming, "blackman": np.blackman, "rectangular": lambda size: np.ones(size + 1)}


class UnreadableError(Exception):
    """The bytes are no sound that we know how to read."""


# --- loudness


def loudness_of(power):
    return OFFSET + 10 * math.log10(power) if power > 0 else -math.inf


def channel_weights(channels):
    """Left and right count once, surrounds 1.41, a channel for low frequencies not at all."""
    return {5: [1, 1, 1, 1.41, 1.41], 6: [1, 1, 1, 0, 1.41, 1.41]}.get(channels, [1] * channels)


def window_powers(running, length, step):
    """Mean powers of all windows of `length` samples, `step` samples apart."""
    starts = np.arange(0, len(running) - length, step)
    return (running[starts + length] - running[starts]) / length


def gated(powers, below):
    """Those over the absolute gate, and of them those that are not more than `below` LU under their mean."""
    loud = powers[powers > 10 ** ((ABSOLUTE_GATE - OFFSET) / 10)]
    return loud[loud > loud.mean() * 10 ** (below / 10)] if len(loud) else loud


def loudness(samples, rate):
    """integrated, momentary and short-term maxima (LUFS), range (LU), true peak (dBTP); None for what there is not."""
    total = np.zeros(len(samples))
    for weight, channel in zip(channel_weights(samples.shape[1]), samples.T, strict=True):
        total += weight * Cascade(rate, weighting(rate)).process(channel) ** 2
    running = np.concatenate([[0.0], np.cumsum(total)])
    tenth, hundredth = rate / 10, max(1, rate // 100)
    moments = window_powers(running, round(4 * tenth), max(1, round(tenth)))
    programme = gated(moments, -10)
    thirds = window_powers(running, round(30 * tenth), max(1, round(tenth)))
    spread = [loudness_of(power) for power in gated(thirds, -20)]
    return {
        "integrated": finite(loudness_of(programme.mean())) if len(programme) else None,
        "momentary": highest(window_powers(running, round(4 * tenth), hundredth)),
        "short_term": highest(window_powers(running, round(30 * tenth), hundredth)),
        "loudness_range": round(float(np.percentile(spread, 95) - np.percentile(spread, 10)), 2) if spread else None,
        "true_peak_dbtp": finite(max(true_peak(channel) for channel in samples.T)),
    }


def highest(powers):
    return finite(loudness_of(powers.max())) if len(powers) else None


def finite(value):
    return round(value, 3) if math.isfinite(value) else None


def true_peak(samples, times=8, half=24):
    """Of one channel, between its samples as well, in dBTP."""
    away = np.arange(times) / times - (np.arange(2 * half) - (half - 1))[:, None]
    places = np.sinc(away) * np.kaiser(2 * half + 1, 7)[:-1, None]
    padded, most = np.pad(samples, half), 0.0
    for begin in range(0, len(samples) + half, 1 << 16):
        part = padded[begin : begin + (1 << 16) + 2 * half - 1]
        if len(part) >= 2 * half:
            most = max(most, float(np.abs(sliding_window_view(part, 2 * half) @ places).max()))
    return 20 * math.log10(most) if most else -math.inf


# --- spectrum


def spectrum(samples, rate, size, overlap, kind):
    """The mean power of all windows and channels; a full-scale sine on a line reads 0 dBFS."""
    window = WINDOWS[kind](size + 1)[:-1]
    step = max(1, round(size * (1 - overlap)))
    if len(samples) < size:
        samples = np.pad(samples, ((0, size - len(samples)), (0, 0)))
    powers = np.zeros(size // 2 + 1)
    frames = 0
    for channel in samples.T:
        windows = sliding_window_view(channel, size)[::step]
        frames += len(windows)
        for begin in range(0, len(windows), 256):
            powers += (np.abs(np.fft.rfft(windows[begin : begin + 256] * window)) ** 2).sum(axis=0)
    heights = np.sqrt(powers / frames) * 2 / window.sum()
    heights[0], heights[-1] = heights[0] / 2, heights[-1] / 2
    lines = np.arange(size // 2 + 1) * (rate / size)
    return {
        "frequencies": lines.tolist(),
        "magnitudes": np.round(decibels(heights), 3).tolist(),
        "peak_frequency": between_lines(heights, rate / size),
        "spectral_centroid": round(float((lines * heights).sum() / heights.sum()), 2) if heights.any() else 0.0,
        "window_size": size,
        "sample_rate": rate,
        "windows": frames,
    }


def between_lines(heights, step):
    """The top of a parabola through the highest line and its neighbours."""
    top = int(np.argmax(heights))
    if not 0 < top < len(heights) - 1:
        return round(top * step, 2)
    left, middle, right = decibels(heights[top - 1 : top + 2])
    bend = left - 2 * middle + right
    return round((top + (0.5 * (left - right) / bend if bend else 0.0)) * step, 2)


# --- another rate


def resampled(samples, rate, wanted, half=40, passing=0.94):
    """One channel at another rate: a sinc under Kaiser's window that ends below half of the lower rate."""
    if rate == wanted:
        return samples
    common = math.gcd(rate, wanted)
    up, down = wanted // common, rate // common
    cutoff = passing * min(1.0, up / down)
    reach = math.ceil(half / min(1.0, up / down))
    count = round(len(samples) * up / down)
    padded = np.pad(samples, (reach, 2 * reach + down))
    windows = sliding_window_view(padded, 2 * reach)
    heard = np.empty(count)
    for first in range(min(up, count)):
        start, phase = divmod(first * down, up)
        away = phase / up - (np.arange(2 * reach) - (reach - 1))
        kernel = cutoff * np.sinc(cutoff * away) * np.i0(9.0 * np.sqrt(np.clip(1 - (away / reach) ** 2, 0, 1))) / np.i0(9.0)
        places = heard[first::up]
        at = windows[start + 1 :: down][: len(places)]
        for begin in range(0, len(places), 1 << 15):
            places[begin : begin + (1 << 15)] = at[begin : begin + (1 << 15)] @ kernel
    return heard


# --- files


def read(data):
    """(int16 (n, channels), rate) of a file. UnreadableError."""
    if data[:4] == b"RIFF":
        try:
            with wave.open(io.BytesIO(data)) as file:
                return in_steps(file.readframes(file.getnframes()), file.getsampwidth(), file.getnchannels()), file.getframerate()
        except (wave.Error, EOFError):
            return read_otherwise(data)
    if data[:4] in (b"fLaC", b"OggS", b"FORM"):
        return read_otherwise(data)
    raise UnreadableError("neither the beginning of a WAV file nor of a FLAC file")


def in_steps(data, width, channels):
    whole = np.frombuffer(data[: len(data) // (width * channels) * width * channels], "u1").reshape(-1, width)
    if width == 1:
        return (whole.astype("<i2") - 128 << 8).reshape(-1, channels)
    return np.ascontiguousarray(whole[:, -2:]).view("<i2").reshape(-1, channels)


def read_otherwise(data):
    import soundfile  # it takes its time to load, and few need it

    try:
        return soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise UnreadableError(str(error)) from error


def to_wav(steps, rate):
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(steps.shape[1])
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(steps.astype("<i2").tobytes())
    return file.getvalue()


def table(polynomial, bits):
    """A checksum's remainders of every byte."""
    entries = np.arange(256, dtype=np.uint32) << (bits - 8)
    for _ in range(8):
        entries = np.where(entries >> (bits - 1), (entries << 1) ^ polynomial, entries << 1) & ((1 << bits) - 1)
    return entries


CRC8, CRC16 = table(0x07, 8), table(0x8005, 16)
FRAME = 4096


def to_flac(steps, rate):
    """FLAC whose frames hold the samples as they are (RFC 9639: verbatim subframes): large, and right."""
    count, channels = steps.shape
    information = (rate << 44) | ((channels - 1) << 41) | (15 << 36) | count
    about = FRAME.to_bytes(2, "big") * 2 + bytes(6) + information.to_bytes(8, "big") + bytes(16)
    parts = [b"fLaC\x80" + len(about).to_bytes(3, "big") + about]
    whole = count // FRAME
    for begin, end in ((0, 1 << 7), (1 << 7, 1 << 11), (1 << 11, 1 << 16), (1 << 16, 1 << 21)):
        if begin < whole:  # frames whose numbers are as long as each other's are made at once
            parts.append(frames(steps[begin * FRAME : min(end, whole) * FRAME], begin, FRAME))
    if count % FRAME:
        parts.append(frames(steps[whole * FRAME :], whole, count % FRAME))
    return b"".join(parts)


def frames(steps, number, size):
    channels, count = steps.shape[1], len(steps) // size
    numbers = [list(utf8(number + place)) for place in range(count)]
    length = b"" if size == FRAME else (size - 1).to_bytes(2, "big")
    kind = [0xFF, 0xF8, 0xC0 if size == FRAME else 0x70, (channels - 1) << 4 | 0x08]
    heads = np.array([[*kind, *each, *length] for each in numbers], np.uint8)
    subframes = [np.full((count, 1), 0x02, np.uint8)]
    blocks = steps.reshape(count, size, channels)
    sounds = [blocks[:, :, place].astype(">i2").view(np.uint8).reshape(count, -1) for place in range(channels)]
    body = [part for sound in sounds for part in (*subframes, sound)]
    checked = np.concatenate([heads, remainder(heads, CRC8, 8).astype(np.uint8)[:, None], *body], axis=1)
    end = remainder(checked, CRC16, 16).astype(">u2").view(np.uint8).reshape(count, 2)
    return np.concatenate([checked, end], axis=1).tobytes()


def remainder(rows, entries, bits):
    value, least = np.zeros(len(rows), np.uint32), (1 << bits) - 1
    for column in np.ascontiguousarray(rows.T):
        value = entries[(value >> (bits - 8)) ^ column] ^ ((value << 8) & least)
    return value


def utf8(number):
    return chr(number).encode("utf-8", "surrogatepass")
