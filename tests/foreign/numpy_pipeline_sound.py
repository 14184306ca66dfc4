"""Sound of another make, numpy alone: filters as blocks of matrices, gains that are ridden at a slower pace, a chain of stages.

Samples are float64 of full scale 1.0, one channel. Every core takes any number of samples and gives as many back, `latency`
samples late; how the sound was cut does not matter. Levels in dBFS, times in ms.
"""

import copy
import math
import time

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

FADE = 0.025  # seconds in which a stage that was changed takes over from what it was
LOWEST = 1e-10  # what a level of nothing is taken for, -200 dB


def factor(decibels):
    return 10 ** (decibels / 20)


def decibels(value):
    return 20 * np.log10(np.maximum(value, LOWEST))


# --- filters


def peak_band(rate, frequency, gain, q):
    """Bristow-Johnson's cookbook: b0 b1 b2 a1 a2 over a0, like those below."""
    size, (alpha, cosine) = factor(gain / 2), angle(rate, frequency, q)
    return over(1 + alpha * size, -2 * cosine, 1 - alpha * size, 1 + alpha / size, -2 * cosine, 1 - alpha / size)


def shelf_band(rate, frequency, gain, q, side):
    """side 1: below the frequency, -1: above it."""
    size, (alpha, cosine) = factor(gain / 2), angle(rate, frequency, q)
    root, cosine = 2 * math.sqrt(size) * alpha, side * cosine
    more, less = (size + 1), (size - 1)
    return over(
        size * (more - less * cosine + root), side * 2 * size * (less - more * cosine), size * (more - less * cosine - root),
        more + less * cosine + root, side * -2 * (less + more * cosine), more + less * cosine - root,
    )  # fmt: skip


def pass_band(rate, frequency, q, side):
    """side 1: what lies below passes, -1: what lies above."""
    alpha, cosine = angle(rate, frequency, q)
    edge = 1 - side * cosine
    return over(edge / 2, side * edge, edge / 2, 1 + alpha, -2 * cosine, 1 - alpha)


def angle(rate, frequency, q):
    turn = 2 * math.pi * min(frequency, 0.49 * rate) / rate
    return math.sin(turn) / (2 * q), math.cos(turn)


def over(b0, b1, b2, a0, a1, a2):
    return b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0


def weighting(rate):
    """The two filters of BS.1770-4 for any rate, from the analogue ones that its tables for 48 kHz stand for."""
    slope = math.tan(math.pi * 1681.974450955533 / rate)
    high, middle, q = 10 ** (3.999843853973347 / 20), 10 ** (3.999843853973347 / 20 * 0.4996667741545416), 0.7071752369554196
    first = over(
        high + middle * slope / q + slope**2, 2 * (slope**2 - high), high - middle * slope / q + slope**2,
        1 + slope / q + slope**2, 2 * (slope**2 - 1), 1 - slope / q + slope**2,
    )  # fmt: skip
    slope, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    whole = 1 + slope / q + slope**2
    return first, (1.0, -2.0, 1.0, 2 * (slope**2 - 1) / whole, (1 - slope / q + slope**2) / whole)


class Section:
    """One filter of second order, a block of samples at a time: what the block answers, plus what is left of the past."""

    BLOCK = 64

    def __init__(self, b0, b1, b2, a1, a2):
        step, into = np.array([[-a1, 1.0], [-a2, 0.0]]), np.array([b1 - a1 * b0, b2 - a2 * b0])
        powers = [np.eye(2)]
        for _ in range(self.BLOCK):
            powers.append(step @ powers[-1])
        self.powers = np.array(powers)
        self.ringing = self.powers[:-1, 0, :]
        answer = np.concatenate([[b0], (self.powers[:-1] @ into)[:-1, 0]])
        rows = np.arange(self.BLOCK)
        self.answers = np.where(rows[:, None] >= rows, answer[np.abs(rows[:, None] - rows)], 0.0)
        self.leaving = (self.powers[:-1] @ into)[::-1]
        self.state = (0.0, 0.0)

    def process(self, samples):
        whole = len(samples) // self.BLOCK * self.BLOCK
        heard = np.empty(len(samples))
        if whole:
            blocks = samples[:whole].reshape(-1, self.BLOCK)
            (a, b), (c, d) = self.powers[-1].tolist()
            one, two = self.state
            states = []
            for first, second in (blocks @ self.leaving).tolist():
                states.append((one, two))
                one, two = a * one + b * two + first, c * one + d * two + second
            self.state = (one, two)
            heard[:whole] = (blocks @ self.answers.T + np.array(states) @ self.ringing.T).ravel()
        rest = samples[whole:]
        if count := len(rest):
            heard[whole:] = self.answers[:count, :count] @ rest + self.ringing[:count] @ self.state
            self.state = tuple(self.powers[count] @ self.state + rest @ self.leaving[self.BLOCK - count :])
        return heard


class Cascade:
    """Sections in a row. It remembers what came in last, so that a changed one has heard it as well."""

    latency, MEMORY = 0, 0.2

    def __init__(self, rate, sections):
        self.rate, self.sections = rate, [Section(*each) for each in sections]
        self.past = np.zeros(0)

    def process(self, samples):
        self.past = np.concatenate([self.past, samples])[-int(self.MEMORY * self.rate) :]
        for section in self.sections:
            samples = section.process(samples)
        return samples

    def changed(self, sections):
        new = copy.copy(self)
        new.sections = [Section(*each) for each in sections]
        new.process(self.past)
        new.past = self.past
        return new


class Equalizer(Cascade):
    MAKE = {  # noqa: RUF012
        "bell": lambda rate, band: peak_band(rate, band["frequency"], band["gain"], band["q"]),
        "low_shelf": lambda rate, band: shelf_band(rate, band["frequency"], band["gain"], band["q"], 1),
        "high_shelf": lambda rate, band: shelf_band(rate, band["frequency"], band["gain"], band["q"], -1),
        "high_cut": lambda rate, band: pass_band(rate, band["frequency"], band["q"], 1),
        "low_cut": lambda rate, band: pass_band(rate, band["frequency"], band["q"], -1),
    }

    def __init__(self, rate, wanted):
        super().__init__(rate, self.wanted(rate, wanted))

    @classmethod
    def wanted(cls, rate, wanted):
        return [cls.MAKE[band["type"]](rate, band) for band in wanted["bands"]]

    def retuned(self, wanted):
        return self.changed(self.wanted(self.rate, wanted))


class Enhancement(Equalizer):
    PRESENCE, BASS, MOST = 3000.0, 220.0, 6.0

    @classmethod
    def wanted(cls, rate, wanted):
        bands = []
        if wanted["clarity"]:
            bands.append(peak_band(rate, cls.PRESENCE, cls.MOST * wanted["clarity"], 0.8))
        if wanted["warmth"]:
            bands.append(shelf_band(rate, cls.BASS, cls.MOST * wanted["warmth"], 0.7, 1))
        return bands


class VoiceFilter:
    """A kernel without a phase of its own, with the slopes of Butterworth's filters."""

    HALF = 0.03  # seconds

    def __init__(self, rate, wanted):
        self.rate, self.latency = rate, int(self.HALF * rate)
        self.past = np.zeros(2 * self.latency)
        self.tune(wanted)

    def tune(self, wanted):
        grid = np.fft.rfftfreq(16384, 1 / self.rate)
        steep = 2 * wanted["order"]
        low, high = min(wanted["low_hz"], wanted["high_hz"]), max(wanted["low_hz"], wanted["high_hz"])
        with np.errstate(divide="ignore"):
            slopes = 1 / np.sqrt((1 + (low / grid) ** steep) * (1 + (grid / high) ** steep))
        ringing = np.fft.irfft(slopes)
        self.kernel = np.roll(ringing, self.latency)[: 2 * self.latency + 1] * np.hanning(2 * self.latency + 3)[1:-1]

    def retuned(self, wanted):
        new = copy.copy(self)
        new.tune(wanted)
        return new

    def process(self, samples):
        both = np.concatenate([self.past, samples])
        self.past = both[-len(self.past) :]
        size = 1 << (len(both) - 1).bit_length()
        product = np.fft.rfft(both, size) * np.fft.rfft(self.kernel, size)
        return np.fft.irfft(product, size)[len(self.kernel) - 1 : len(both)]


# --- what is done to frames of a spectrum


class NoiseReduction:
    """Frames that overlap by half; what stands out of the level of its neighbourhood passes, the rest is turned down."""

    STANDS_OUT, BAND, RISE = 2.5, 500.0, 3.0  # factor of power; Hz; dB a second

    def __init__(self, rate, wanted):
        self.rate, self.wanted = rate, wanted
        self.size = 1 << math.ceil(math.log2(0.03 * rate))
        self.hop, self.latency = self.size // 2, self.size
        self.window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.size) / self.size))
        self.coming, self.tail = np.zeros(self.size - self.hop), np.zeros(self.hop)
        self.going = np.zeros(self.hop)
        self.width = max(4, round(self.BAND * self.size / rate))
        self.level = self.noise = self.gains = None

    def retuned(self, wanted):
        new = copy.copy(self)
        new.wanted = wanted
        return new

    def process(self, samples):
        both = np.concatenate([self.coming, samples])
        count = (len(both) - (self.size - self.hop)) // self.hop
        if count > 0:
            frames = sliding_window_view(both, self.size)[:: self.hop][:count] * self.window
            spectra = np.fft.rfft(frames)
            parts = np.fft.irfft(spectra * self.weights(np.abs(spectra) ** 2), self.size) * self.window
            begun = np.concatenate([[self.tail], parts[:-1, self.hop :]])
            self.going = np.concatenate([self.going, (begun + parts[:, : self.hop]).ravel()])
            self.tail = parts[-1, self.hop :]
            both = both[count * self.hop :]
        self.coming = both
        heard, self.going = self.going[: len(samples)], self.going[len(samples) :]
        return heard

    def weights(self, powers):
        keep = 0.6
        smooth = np.empty_like(powers)
        for place, power in enumerate(powers):
            self.level = power if self.level is None else keep * self.level + (1 - keep) * power
            smooth[place] = self.level
        noises = self.neighbourhood(smooth)
        slow, rise = 0.95 * self.wanted["smoothing"], 10 ** (self.RISE / 10 * self.hop / self.rate)
        weights = np.empty_like(powers)
        for place, noise in enumerate(noises):
            self.noise = noise if self.noise is None else np.minimum(0.8 * self.noise + 0.2 * noise, self.noise * rise)
            passing = np.clip(1 - self.STANDS_OUT * self.noise / np.maximum(smooth[place], 1e-30), 0.02, 1.0)
            self.gains = passing if self.gains is None else slow * self.gains + (1 - slow) * passing
            weights[place] = 1 - self.wanted["strength"] * (1 - self.gains)
        return weights

    def neighbourhood(self, powers):
        """What is usual around each frequency: medians of bands, and lines between them."""
        bins = powers.shape[1]
        bands = bins // self.width
        medians = np.median(powers[:, : bands * self.width].reshape(len(powers), bands, self.width), axis=2)
        middles = (np.arange(bands) + 0.5) * self.width
        return np.array([np.interp(np.arange(bins), middles, row) for row in medians]) + 1e-20


# --- what rides a gain


class Rider:
    """A gain that follows what was heard until the end of the last block, in straight lines from block to block."""

    latency, BLOCK = 0, 0.001  # seconds

    def __init__(self, rate, wanted):
        self.rate, self.block = rate, max(1, round(self.BLOCK * rate))
        self.begun = np.zeros(0)
        self.before = self.now = self.first_gain(wanted)
        self.tune(wanted)

    def first_gain(self, wanted):
        return 0.0

    def tune(self, wanted):
        self.wanted = wanted

    def retuned(self, wanted):
        new = copy.deepcopy(self)
        new.tune(wanted)
        return new

    def slowness(self, milliseconds):
        """What is left after one block of a difference that falls to 37 % in this time."""
        return math.exp(-self.block / (self.rate * max(milliseconds, 0.01) / 1000))

    def heard(self, samples):
        """What is weighed: the samples themselves, unless a rider weighs them."""
        return samples

    def process(self, samples):
        within = len(self.begun)
        weighed = np.concatenate([self.begun, self.heard(samples)])
        whole = len(weighed) // self.block
        blocks, self.begun = weighed[: whole * self.block].reshape(whole, self.block), weighed[whole * self.block :]
        gains = [self.before, self.now]
        for power in np.mean(blocks**2, axis=1).tolist():
            gains.append(self.follow(power))
        ends = np.array(gains)
        through = np.arange(self.block) / self.block
        lines = ends[:-1, None] + (ends[1:] - ends[:-1])[:, None] * through
        self.before, self.now = gains[-2], gains[-1]
        return samples * factor(lines.ravel()[within : within + len(samples)])


class Compressor(Rider):
    """By the power of each millisecond."""

    def first_gain(self, wanted):
        self.level = -200.0
        return wanted["makeup"]

    def curve(self, level):
        threshold, ratio, knee = (self.wanted[name] for name in ("threshold", "ratio", "knee"))
        above = level - threshold
        if 2 * above <= -knee:
            return 0.0
        if 2 * above < knee:
            return (1 / ratio - 1) * (above + knee / 2) ** 2 / (2 * knee)
        return (1 / ratio - 1) * above

    def follow(self, power):
        level = 10 * math.log10(max(power, 1e-20))
        keep = self.slowness(self.wanted["attack" if level > self.level else "release"])
        self.level = keep * self.level + (1 - keep) * level
        return self.curve(self.level) + self.wanted["makeup"]


class GainControl(Rider):
    """By the power of about a second in which there was something to hear."""

    BLOCK, MEMORY, QUIET = 0.01, 1.5, -60.0  # seconds, seconds, dBFS

    def first_gain(self, wanted):
        self.power, self.weight, self.gain = 0.0, 0.0, 0.0
        return 0.0

    def follow(self, power):
        if 10 * math.log10(max(power, 1e-20)) > self.QUIET:
            keep = self.slowness(1000 * self.MEMORY)
            self.power, self.weight = keep * self.power + (1 - keep) * power, keep * self.weight + 1 - keep
            level = 10 * math.log10(self.power / self.weight)
            wish = min(self.wanted["target_level"] - level, self.wanted["max_gain"])
            keep = self.slowness(self.wanted["attack" if wish < self.gain else "release"])
            self.gain = keep * self.gain + (1 - keep) * wish
        return self.gain


class LoudnessRider(Rider):
    """By the gated loudness of the last half minute, or of what there was so far."""

    BLOCK, MEMORY, MOST = 0.1, 300, 60.0  # seconds, blocks, dB

    def first_gain(self, wanted):
        self.weights = Cascade(self.rate, weighting(self.rate))
        self.powers, self.gain = [], 0.0
        return 0.0

    def heard(self, samples):
        return self.weights.process(samples)

    def follow(self, power):
        self.powers = [*self.powers, power][-self.MEMORY :]
        width = min(4, len(self.powers))
        windows = np.convolve(self.powers, np.full(width, 1 / width), "valid")
        loud = windows[windows > 10 ** ((-70 + 0.691) / 10)]
        if len(loud):
            loud = loud[loud > loud.mean() / 10]
            self.gain = min(self.MOST, self.wanted["target_lufs"] + 0.691 - 10 * math.log10(loud.mean()))
        return self.gain


class Limiter:
    """Looks at the sound between the samples and turns it down before it gets there. Its delay is that of the longest look."""

    TAPS, BETWEEN, LONGEST, MARGIN = 16, 8, 0.01, 0.15  # samples to either side; places a sample; seconds; dB

    def __init__(self, rate, wanted):
        self.rate, self.longest = rate, int(self.LONGEST * rate)
        self.latency = self.TAPS + self.longest - 1
        self.past, self.last = np.zeros(2 * self.TAPS - 1), 0.0
        self.peaks, self.gains = np.zeros(self.longest - 1), np.ones(self.longest - 1)
        self.waiting, self.gain = np.zeros(self.latency), 0.0
        away = np.arange(self.BETWEEN) / self.BETWEEN - (np.arange(2 * self.TAPS) - (self.TAPS - 1))[:, None]
        self.places = np.sinc(away) * (0.5 + 0.5 * np.cos(np.pi * away / (self.TAPS + 0.5)))
        self.tune(wanted)

    def tune(self, wanted):
        self.wanted = wanted
        self.look = min(self.longest, max(2, int(wanted["lookahead"] / 1000 * self.rate)))
        self.shape = np.hanning(self.look + 2)[1:-1] / np.hanning(self.look + 2)[1:-1].sum()

    def retuned(self, wanted):
        new = copy.copy(self)
        new.tune(wanted)
        return new

    def process(self, samples):
        count = len(samples)
        both = np.concatenate([self.past, samples])
        self.past = both[count:]
        between = np.abs(sliding_window_view(both, 2 * self.TAPS) @ self.places).max(axis=1)
        around = np.maximum(np.concatenate([[self.last], between[:-1]]), between)
        self.last = between[-1]
        peaks = np.concatenate([self.peaks, around])
        self.peaks = peaks[count:]
        highest = greatest(peaks, self.look)[:count]
        gains = self.recovering(np.minimum(0.0, self.wanted["threshold"] - self.MARGIN - decibels(highest)))
        ridden = np.concatenate([self.gains, factor(gains)])
        self.gains = ridden[count:]
        smooth = np.convolve(ridden[self.longest - self.look :], self.shape, "valid")
        delayed = np.concatenate([self.waiting, samples])
        self.waiting = delayed[count:]
        return delayed[:count] * smooth

    def recovering(self, wishes):
        """At once down, and up again by 10 dB in the time of the release."""
        climb = 10 / (self.wanted["release"] / 1000 * self.rate) * np.arange(len(wishes) + 1)
        gains = np.minimum.accumulate(np.concatenate([[self.gain], wishes]) - climb) + climb
        self.gain = gains[-1]
        return np.minimum(gains[1:], 0.0)


def greatest(values, width):
    """The greatest of each `width` neighbours."""
    have = 1
    while have < width:
        more = min(have, width - have)
        values, have = np.maximum(values[:-more], values[more:]), have + more
    return values


class Normalization:
    """Rides the loudness, and lets a limiter keep the peaks."""

    def __init__(self, rate, wanted):
        self.rider, self.limiter = LoudnessRider(rate, wanted), Limiter(rate, self.limits(wanted))
        self.latency = self.limiter.latency

    @staticmethod
    def limits(wanted):
        return {"threshold": wanted["max_peak"], "release": 100.0, "lookahead": 5.0}

    def retuned(self, wanted):
        new = copy.copy(self)
        new.rider, new.limiter = self.rider.retuned(wanted), self.limiter.retuned(self.limits(wanted))
        return new

    def process(self, samples):
        return self.limiter.process(self.rider.process(samples))


class VoiceDetection:
    """Frames that stand out of the quietest of the last seconds."""

    latency, MEMORY, HANGOVER, FLOOR = 0, 2.0, 0.15, -65.0  # seconds, seconds, dBFS

    def __init__(self, rate, wanted):
        self.rate, self.begun, self.levels, self.left, self.voice = rate, np.zeros(0), [], 0.0, False
        self.tune(wanted)

    def tune(self, wanted):
        self.length = wanted["frame_duration"] / 1000
        self.size, self.over = int(self.length * self.rate), 7 + 2.5 * wanted["aggressiveness"]

    def retuned(self, wanted):
        new = copy.deepcopy(self)
        new.tune(wanted)
        return new

    def process(self, samples):
        both = np.concatenate([self.begun, samples])
        count = len(both) // self.size
        frames, self.begun = both[: count * self.size].reshape(count, self.size), both[count * self.size :]
        voices = [self.says(level) for level in (10 * np.log10(np.mean(frames**2, axis=1) + 1e-20)).tolist()]
        self.voice = 2 * sum(voices) >= count if count else self.voice
        return samples

    def says(self, level):
        self.levels = [*self.levels, level][-int(self.MEMORY / self.length) :]
        usual = max(self.FLOOR, min(self.levels))
        self.left = self.HANGOVER if level > usual + self.over else self.left - self.length
        return self.left > 0


CORES = {
    "vad": VoiceDetection, "voice_filter": VoiceFilter, "noise_reduction": NoiseReduction, "voice_enhancement": Enhancement,
    "equalizer": Equalizer, "compression": Compressor, "agc": GainControl, "lufs_normalization": Normalization,
    "limiter": Limiter,
}  # fmt: skip


# --- the chain


class Stage:
    """A core and its gains. One that is changed goes over from what it was to what it is."""

    def __init__(self, name, plan, rate):
        self.name, self.wanted, self.rate = name, plan["parameters"], rate
        self.before, self.after = factor(plan["gain_in"]), factor(plan["gain_out"])
        self.core, self.old, self.faded = CORES[name](rate, self.wanted), None, 0

    def change(self, parameters):
        self.wanted = self.wanted | parameters
        core = self.core.retuned(self.wanted)
        if self.old is None or self.faded:
            self.old = copy.copy(self)
            self.old.before = self.old.after = 1.0
            if self.old.old is not None:
                self.old.old.old = None  # three at once are enough
        self.core, self.faded = core, 0

    def process(self, samples):
        samples = samples * self.before
        heard = self.core.process(samples)
        if self.old is not None:
            left = np.clip(1 - (self.faded + np.arange(len(samples))) / (FADE * self.rate), 0.0, 1.0)
            heard = heard + (self.old.process(samples) - heard) * left
            self.faded += len(samples)
            if left[-1] == 0:
                self.old, self.faded = None, 0
        return heard * self.after


class Chain:
    """The stages that are on, in the order in which the sound meets them. Samples go in and out as 16 bits."""

    def __init__(self, plans, rate):
        self.stages = [Stage(name, plan, rate) for name, plan in plans if plan["enabled"]]
        self.latency = sum(stage.core.latency for stage in self.stages)
        self.seconds = {}

    def process(self, samples):
        """int16 -> (int16, how many were too loud)."""
        heard = samples / 32768
        for stage in self.stages:
            begun = time.perf_counter()
            heard = stage.process(heard)
            self.seconds[stage.name] = time.perf_counter() - begun
        steps = np.rint(heard * 32768)
        clipped = int(np.count_nonzero((steps > 32767) | (steps < -32768)))
        return np.clip(steps, -32768, 32767).astype("<i2"), clipped

    def change(self, name, parameters):
        for stage in self.stages:
            if stage.name == name:
                stage.change(parameters)

    @property
    def voice(self):
        return any(stage.core.voice for stage in self.stages if stage.name == "vad")


def through(plans, rate, samples):
    """A whole recording, int16 (n,): as long as it was and without the delay; how many were too loud; seconds by stage."""
    chain = Chain(plans, rate)
    parts, clipped, seconds, voice = [], 0, {}, False
    whole = np.concatenate([samples, np.zeros(chain.latency, "<i2")])
    for begin in range(0, len(whole), 5 * rate):
        heard, cut = chain.process(whole[begin : begin + 5 * rate])
        parts.append(heard)
        clipped, voice = clipped + cut, voice or chain.voice
        for name, took in chain.seconds.items():
            seconds[name] = seconds.get(name, 0.0) + took
    return np.concatenate(parts)[chain.latency :], {"clipped": clipped, "seconds": seconds, "late": chain.latency, "voice": voice}
