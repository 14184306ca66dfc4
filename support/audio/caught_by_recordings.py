"""Which scenarios find the liars about recordings, analysis and speed: the part of `caught_by.py` that is about these."""

from support.kit.caught import Caught, caught_by

_by = caught_by("AUD")

BATCH: dict[str, Caught] = {
    "batch_clears_last_bit": _by("120", also="121 122 123 127 132"),
    "batch_form_ignored": _by("121"),
    "batch_bytes_swapped": _by("121"),
    "batch_file_tells_other_rate": _by("122", also="130"),
    "batch_flac_loses_a_sample": _by("120", also="123"),
    "batch_takes_other_bytes": _by("120"),
    "batch_cuts_long_recordings": _by("123"),
    "batch_passes_through": _by("124", also="125 126"),
    "batch_order_ignored": _by("125"),
    "batch_parameters_ignored": _by("124", also="125 126 127"),
    "batch_forgets_each_half_second": _by("126"),
    "batch_gains_ignored": _by("125", also="126"),
    "batch_keeps_its_delay": _by("127", also="128"),
    "batch_too_short": _by("127", also="128"),
    "batch_too_long": _by("127", also="128"),
    "batch_in_whole_chunks": _by("128"),
    "resampler_aliases": _by("129", also="130"),
    "resampler_halves": _by("130"),
    "resampler_only_says_so": _by("129", also="130"),
    "resampler_does_nothing": _by("129", also="130"),
    "resampler_loses_the_end": _by("129", also="130"),
    "batch_level_off": _by("131"),
    "batch_peak_is_level": _by("131"),
    "batch_figures_made_up": _by("131"),
    "unreadable_makes_it_stumble": _by("132"),
    "unreadable_is_silence": _by("132"),
    "unreadable_is_noise": _by("132"),
    "unreadable_without_reason": _by("132"),
    "unreadable_is_incomplete": _by("132"),
    "unreadable_offends": _by("132"),
    "nothing_is_a_wrong_configuration": _by("132"),
}
"""lying_batch.py"""

SINGLE_STAGE: dict[str, Caught] = {
    "tried_stage_does_nothing": _by("140", also="141 142"),
    "tried_stage_parameters_ignored": _by("140", also="142 143 144"),
    "tried_stage_rate_ignored": _by("142"),
    "tried_stage_is_quieter": _by("140", also="141 142 143"),
    "form_loses_the_stage": _by("140"),
    "form_refused": _by("140"),
    "tried_stage_has_another_name": _by("143"),
    "tried_stage_tells_the_usual": _by("143"),
    "unknown_stage_is_a_mistake": _by("144"),
    "unknown_stage_does_nothing": _by("144"),
    "nameless_stage_makes_it_stumble": _by("144"),
    "tried_stage_takes_any_value": _by("144"),
    "tried_stage_takes_any_name": _by("144"),
    "tried_stage_takes_nothing": _by("144"),
    "tried_stage_takes_half_samples": _by("144"),
    "list_lacks_a_stage": _by("145", also=None),
    "list_lacks_a_parameter": _by("145", also=None),
    "list_lacks_usual_values": _by("145", also=None),
    "list_usual_beyond_range": _by("145", also=None),
    "list_range_in_percent": _by("146", also=None),
    "list_range_reversed": _by("145", also=None),
}
"""lying_single_stage.py"""

SPECTRUM: dict[str, Caught] = {
    "spectrum_off_by_one": _by("150", also="151 152 153 154"),
    "magnitudes_off_by_one": _by("150", also="152 153 154"),
    "spectrum_peak_at_random": _by("150", also="151 153 157"),
    "spectrum_is_coarse": _by("151", also="152 153"),
    "spectrum_without_its_end": _by("151", also="152"),
    "spectrum_rate_ignored": _by("151"),
    "spectrum_size_ignored": _by("152"),
    "spectrum_reads_low": _by("152", also="153 154"),
    "spectrum_reads_rms": _by("152", also="153 154"),
    "spectrum_is_never_silent": _by("155"),
    "spectrum_is_relative": _by("153", also="154 155"),
    "spectrum_without_window": _by("153"),
    "spectrum_averages_decibels": _by("154"),
    "spectrum_averages_amplitudes": _by("154"),
    "spectrum_of_the_last_window": _by("154"),
    "spectrum_of_the_first_window": _by("154"),
    "spectrum_holds_peaks": _by("154"),
    "centroid_in_steps": _by("156"),
    "centroid_is_the_peak": _by("156"),
    "centroid_is_the_middle": _by("156"),
    "spectrum_a_little_random": _by("157"),
    "spectrum_in_any_window": _by("158"),
    "analysis_of_any_letters": _by("158"),
    "analysis_of_half_samples": _by("158"),
    "analysis_of_nothing": _by("158"),
    "analysis_stumbles": _by("158"),
}
"""lying_spectrum.py"""

LOUDNESS: dict[str, Caught] = {
    "meter_without_weighting": _by("161"),
    "meter_rate_ignored": _by("161"),
    "meter_without_gates": _by("160"),
    "meter_without_relative_gate": _by("160"),
    "meter_averages_channels": _by("175", also="160 163 164 165 166 170 171 172"),
    "meter_of_one_channel": _by("175", also="160 163 164 165 166 170 171 172"),
    "meter_tells_rms": _by("161", also="160"),
    "silence_has_loudness": _by("162"),
    "momentary_each100_ms": _by("166"),
    "momentary_at_the_end": _by("175", also="166"),
    "short_term_at_the_end": _by("175"),
    "short_term_too_short": _by("164"),
}
"""lying_loudness.py"""

SPEED: dict[str, Caught] = {
    "every_chunk_slow": _by("181 182", also=None),
    "every_tenth_chunk_slow": _by("180", also=None),
    "every_chunk_a_little_slow": _by("180", also=None),
    "ninetieth_chunk_lost": _by("180", also=None),
    "chunk_lost_after_a_while": _by("190", also=None),
    "chunk_twice_after_a_while": _by("190", also=None),
    "pause_after_a_while": _by("190", also=None),
    "memory_grows": _by("190", also=None),
    "sessions_mix_after_a_while": _by("191", also=None),
}
"""lying_speed.py"""

CAUGHT_BY_RECORDINGS: dict[str, Caught] = {**BATCH, **SINGLE_STAGE, **SPECTRUM, **LOUDNESS, **SPEED}
