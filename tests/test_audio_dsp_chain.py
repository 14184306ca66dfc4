"""The reference's chain: order, gains, clipping, live changes, figures; and the catalogue that its parameters come from."""

import math

import numpy as np
import pytest
from dsp_parts import EVERY, chain, pcm, plan, through
from hypothesis import given, settings
from hypothesis import strategies as st

from support.audio import levels, loudness, signals
from support.audio.protocol import STAGES, Code
from support.audio.reference.dsp.catalogue import CATALOGUE, Choice, Number, ParameterError, checked, described
from support.audio.true_peak import true_peak_dbtp

RATE = 16000


SHORT = signals.speech_like(-12, 0.5) + signals.white_noise(-40, 0.5)
CUTS = st.lists(st.integers(1, 80) | st.integers(81, 4000), min_size=1, max_size=6).filter(lambda cuts: sum(cuts) > 200)
CHAINS = [(name,) for name in EVERY] + [EVERY]
HARD = {
    "compression": {"threshold": -40},
    "limiter": {"threshold": -20},
    "equalizer": {"bands": [{"gain": 12}, {"type": "low_pass"}]},
}


def planned(names):
    return chain(*(plan(name, **HARD.get(name, {})) for name in names))


@pytest.mark.parametrize("names", CHAINS, ids=lambda names: names[0] if len(names) == 1 else "all")
def test_cut_anyhow_it_sounds_the_same(names):
    _, whole, _ = through(planned(names), SHORT, [len(SHORT)])

    @settings(max_examples=8, deadline=None, derandomize=True)
    @given(CUTS)
    def holds(cuts):
        assert np.max(np.abs(through(planned(names), SHORT, cuts)[1] - whole)) <= 1 / 32768

    holds()


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_every_rate_carries_every_stage(rate):
    sound = signals.speech_like(-15, 0.5, rate)
    _, whole, _ = through(planned(EVERY) if rate == RATE else chain(*EVERY, rate=rate), sound, [len(sound)])
    _, cut, figures = through(planned(EVERY) if rate == RATE else chain(*EVERY, rate=rate), sound, [rate // 100, 7])
    assert np.max(np.abs(cut - whole)) <= 1 / 32768
    assert levels.rms_dbfs(whole) > -60
    assert all(math.isfinite(one.snr + one.rms + one.peak + one.lufs_momentary) for one in figures)


def test_the_same_sound_gives_the_same():
    sound = signals.speech_like(-15, 1)
    assert np.array_equal(through(chain(*EVERY), sound)[1], through(chain(*EVERY), sound)[1])


def test_gains_are_exact_and_stand_before_and_after():
    sound = signals.speech_like(-40, 1)
    played, heard, _ = through(chain(plan("vad", gain_in=6, gain_out=-12)), sound)
    assert np.max(np.abs(heard - played * 10 ** (-6 / 20))) <= 0.5 / 32768
    square = signals.square(500, -20, 2)
    hard = {"threshold": -20, "ratio": 4, "knee": 0}
    before = through(chain(plan("compression", gain_in=8, **hard)), square)[1]
    after = through(chain(plan("compression", gain_out=8, **hard)), square)[1]
    assert [round(levels.rms_dbfs(each[RATE:]), 1) for each in (before, after)] == [-18.0, -12.0]


def test_what_is_too_loud_is_cut_off_and_counted():
    played, heard, figures = through(chain(plan("vad", gain_out=6)), signals.square(500, -1, 0.1))
    assert set(np.unique(heard)) == {-1.0, 32767 / 32768}
    assert [one.clipped_samples for one in figures] == [len(played)]
    assert through(chain("vad"), signals.square(500, 0, 0.1))[2][0].clipped_samples == 0


def test_delays_add_up():
    noise, limiter = chain("noise_reduction"), chain("limiter")
    both = chain("noise_reduction", plan("limiter", threshold=0))
    assert both.latency_samples == noise.latency_samples + limiter.latency_samples > 0


def test_time_is_told_for_every_stage_that_is_on():
    made = chain("vad", plan("voice_filter", enabled=False), "limiter")
    seconds = made.process(pcm(signals.silence(0.1))).stage_seconds
    assert list(seconds) == ["vad", "limiter"]
    assert seconds["limiter"] > 0


# --- live changes

LIVE = [
    ("equalizer", {"bands": []}, {"bands": [{"frequency": 1000, "gain": 12, "q": 1}]}),
    ("compression", {"makeup": 0}, {"makeup": 12}),
    ("voice_enhancement", {"clarity": 0, "warmth": 0}, {"clarity": 1, "warmth": 0}),
    ("voice_filter", {}, {"low_hz": 1500}),
    ("limiter", {"threshold": -1}, {"threshold": -30}),
    ("limiter", {"lookahead": 5}, {"lookahead": 10}),
    ("noise_reduction", {"strength": 0}, {"strength": 1}),
]


@pytest.mark.parametrize(("stage", "before", "after"), LIVE)
@pytest.mark.parametrize("frequency", [200, 1000])
def test_a_change_is_heard_from_the_next_chunk_on_and_never_as_a_click(stage, before, after, frequency):
    sound = signals.sine(frequency, -20, 2)
    made, same = chain(plan(stage, **before)), chain(plan(stage, **before))
    chunks = pcm(sound).reshape(-1, 1600)
    heard = []
    for number, chunk in enumerate(chunks):
        if number == 10:
            made.update(stage, checked(stage, after))
        heard.append((made.process(chunk).pcm, same.process(chunk).pcm))
    changed, unchanged = (np.concatenate(each) / 32768 for each in zip(*heard, strict=True))
    assert np.array_equal(changed[:16000], unchanged[:16000])
    steady = [levels.greatest_step(each) for each in (changed[8000:16000], changed[24000:])]
    assert levels.greatest_step(changed[15500:20000]) <= max(steady) * 1.1 + 2 / 32768


def test_a_change_of_a_stage_that_is_off_is_nothing():
    made = chain(plan("equalizer", enabled=False))
    made.update("equalizer", checked("equalizer", {"bands": [{"gain": 12}]}))
    sound = pcm(signals.sine(1000, -20, 0.2))
    assert np.array_equal(made.process(sound).pcm, sound)


def changed(stage, sound, changes, cut):
    """What is heard when the stage gets `changes` before chunks of that number."""
    made, heard = chain(stage), []
    for number, begin in enumerate(range(0, len(sound), cut)):
        for parameters in changes.get(number, []):
            made.update(stage.name, checked(stage.name, parameters))
        heard.append(made.process(pcm(sound)[begin : begin + cut]).pcm)
    return np.concatenate(heard) / 32768


OPEN = {"threshold": 0, "ratio": 1}
QUIET = signals.sine(200, -40, 0.6)


@pytest.mark.parametrize(
    ("cut", "changes"),
    [
        (1600, {2: [{"makeup": 20} | OPEN, {"makeup": 3} | OPEN]}),
        (160, {20: [{"makeup": 20} | OPEN], 21: [{"makeup": 24} | OPEN], 22: [{"makeup": 3} | OPEN]}),
        (16, {at: [{"makeup": 20 + at % 5} | OPEN] for at in range(200, 240)} | {240: [{"makeup": 3} | OPEN]}),
    ],
    ids=["at once", "within a ramp", "with every chunk"],
)
def test_changes_upon_changes_end_at_the_last_and_never_click(cut, changes):
    heard = changed(plan("compression", **OPEN), QUIET, changes, cut)
    assert levels.rms_dbfs(heard[6400:]) - levels.rms_dbfs(QUIET[6400:]) == pytest.approx(3, abs=0.02)
    bends = np.abs(np.diff(heard, 2))
    greatest = np.max(bends[:3000]) * 10 ** (24 / 20)
    assert np.max(bends) <= 1.2 * greatest + 4 / 32768


@pytest.mark.parametrize(("before", "after"), [(1, 10), (5, 10), (10, 1), (5, 1)])
@pytest.mark.parametrize("on", [800, 1500, 1590, 1600, 1605, 1700])
def test_a_limiter_that_looks_further_ahead_lets_nothing_through_meanwhile(before, after, on):
    loud = signals.sine(4000, -0.1, 0.4, RATE, 45)
    loud[:on] *= 0.01
    heard = changed(plan("limiter", threshold=-20, lookahead=before), loud, {1: [{"threshold": -20, "lookahead": after}]}, 1600)
    assert true_peak_dbtp(heard, RATE) <= -20 + 0.2


def test_a_new_filter_begins_as_if_it_had_been_there():
    tone = signals.sine(100, -20, 0.6)
    narrow, wide = {"low_hz": 300, "order": 8}, {"low_hz": 60, "order": 8}
    always = changed(plan("voice_filter", **wide), tone, {}, 1600)
    switched = changed(plan("voice_filter", **narrow), tone, {3: [wide]}, 1600)
    over = 4800 + round(0.02 * RATE)
    assert np.max(np.abs(switched[over:] - always[over:])) < 0.005 * np.max(np.abs(always))


# --- figures


@pytest.mark.parametrize(
    ("sound", "rms", "peak"),
    [
        (signals.sine(440, 0, 1), -3.01, 0.0),
        (signals.sine(1000, -6.02, 1), -9.03, -6.02),
        (signals.square(500, 0, 1), 0.0, 0.0),
        (signals.silence(1), -120, -120),
    ],
)
def test_levels_are_told_as_they_are(sound, rms, peak):
    figures = through(chain(), sound)[2][-1]
    assert (figures.rms, figures.peak) == (pytest.approx(rms, abs=0.05), pytest.approx(peak, abs=0.05))
    assert math.isfinite(figures.snr)
    assert math.isfinite(figures.lufs_momentary)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_the_momentary_loudness_is_that_of_the_last_four_tenths(rate):
    sound = signals.sine(1000, -20, 1, rate)
    figures = through(chain(rate=rate), sound, [rate // 10])[2][-1]
    assert figures.lufs_momentary == pytest.approx(loudness.momentary_max(sound, rate), abs=0.1)
    assert through(chain(rate=rate), signals.silence(1, rate))[2][-1].lufs_momentary == -70


def test_a_voice_stands_above_its_pauses():
    figures = [one.snr for one in through(chain(), signals.bursts(-20, 3) + signals.white_noise(-60, 3))[2]]
    assert max(figures) == pytest.approx(40, abs=4)
    assert min(figures) == 0


# --- catalogue


def test_the_catalogue_has_the_stages_of_the_contract_and_its_ranges():
    assert tuple(CATALOGUE) == STAGES
    told = {one["name"]: {part["name"]: part for part in one["parameters"]} for one in described()["stages"]}
    ranges = {
        ("vad", "aggressiveness"): (0, 3), ("noise_reduction", "strength"): (0, 1), ("noise_reduction", "smoothing"): (0, 1),
        ("voice_enhancement", "clarity"): (0, 1), ("voice_enhancement", "warmth"): (-1, 1),
        ("lufs_normalization", "target_lufs"): (-60, 0),
    }  # fmt: skip
    for (stage, name), (least, greatest) in ranges.items():
        assert (told[stage][name]["minimum"], told[stage][name]["maximum"]) == (least, greatest)
    assert told["vad"]["frame_duration"]["choices"] == [10, 20, 30]


NUMBERS = [(stage, one) for stage, entry in CATALOGUE.items() for one in entry.parameters if isinstance(one, Number | Choice)]


@pytest.mark.parametrize(("stage", "parameter"), NUMBERS, ids=[f"{stage} {one.name}" for stage, one in NUMBERS])
def test_a_range_holds_to_its_ends_and_no_further(stage, parameter):
    low, high = (
        (parameter.least, parameter.greatest) if isinstance(parameter, Number) else (parameter.values[0], parameter.values[-1])
    )
    for value in (low, high):
        sound = signals.speech_like(-20, 0.3)
        heard = through(chain(plan(stage, **{parameter.name: value})), sound)[1]
        assert np.all(np.isfinite(heard))
    for value in (low - 1, high + 1, math.inf, -math.inf, math.nan):
        with pytest.raises(ParameterError) as told:
            checked(stage, {parameter.name: value})
        assert (told.value.code, told.value.field) == (Code.OUT_OF_RANGE, parameter.name)


@pytest.mark.parametrize(
    ("stage", "parameters", "code", "field"),
    [
        ("limiter", {"colour": 1}, Code.UNKNOWN_PARAMETER, "colour"),
        ("limiter", {"threshold": "loud"}, Code.INVALID_CONFIG, "threshold"),
        ("limiter", {"threshold": None}, Code.INVALID_CONFIG, "threshold"),
        ("limiter", {"threshold": True}, Code.INVALID_CONFIG, "threshold"),
        ("voice_filter", {"order": 2.5}, Code.INVALID_CONFIG, "order"),
        ("vad", {"aggressiveness": True}, Code.OUT_OF_RANGE, "aggressiveness"),
        ("equalizer", {"bands": "many"}, Code.INVALID_CONFIG, "bands"),
        ("equalizer", {"bands": [5]}, Code.INVALID_CONFIG, "bands[0]"),
        ("equalizer", {"bands": [{}] * 17}, Code.INVALID_CONFIG, "bands"),
        ("equalizer", {"bands": [{}, {"q": 0}]}, Code.OUT_OF_RANGE, "bands[1].q"),
        ("equalizer", {"bands": [{"type": "notch"}]}, Code.OUT_OF_RANGE, "bands[0].type"),
        ("equalizer", {"bands": [{"width": 1}]}, Code.UNKNOWN_PARAMETER, "bands[0].width"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(stage, parameters, code, field):
    with pytest.raises(ParameterError) as told:
        checked(stage, parameters)
    assert (told.value.code, told.value.field) == (code, field)
