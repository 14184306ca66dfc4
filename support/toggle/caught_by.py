"""Which scenarios find which liar. `tests/test_red.py` holds this table to be true.

`first` are the quickest to fail; they are run each time. `also` fail, too, when the whole slice meets the liar; `maybe` fail
by chance, because the liar lies by chance or lets a planted fault pass by.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caught:
    """Scenario ids (of an outline: without the row). `all` is None for a liar that fails nearly everything, slowly."""

    first: frozenset[str]
    all: frozenset[str] | None
    maybe: frozenset[str]


def _by(first: str, also: str | None = "", maybe: str = "") -> Caught:
    """From numbers: `_by("11 12", also="29")`."""
    return Caught(_ids(first), None if also is None else _ids(f"{first} {also}"), _ids(maybe))


def _ids(numbers: str) -> frozenset[str]:
    return frozenset(f"TGL-{number}" for number in numbers.split())


CAUGHT_BY: dict[str, Caught] = {
    "no_backoff": _by("24 34", also="32 33 71", maybe="19 39"),
    "linear_backoff": _by("32"),
    "backoff_without_cap": _by("33"),
    "no_jitter": _by("35"),
    "jitter_too_wide": _by("32", also="33", maybe="34"),
    "one_attempt_too_many": _by("63 34", also="23 25 26 28 29 32 33 35 36 42 43 44 65", maybe="24"),
    "one_attempt_too_few": _by("63 67", also="20 21 23 24 25 28 29 32 33 34 35 36 38 39 40 42 43 44 47 54 61 62 64 66"),
    "waits_after_last_attempt": _by("36"),
    "gives_up_when_refused": _by("24 43", also="19 44 71"),
    "gives_up_on_bad_ack": _by("62 25", also="20 40 44 67"),
    "commands_one_at_a_time": _by("10"),
    "hangs": _by("01 50", also=None),
    "any_reply_is_success": _by("62 67", also="20 25 40 44 57"),
    "ack_prefix_is_success": _by("20"),
    "first_chunk_is_the_reply": _by("03", maybe="16"),
    "closes_before_the_reply": _by("64 25 70 58 72", also=None),
    "no_answer_is_success": _by("64 65", also="10 19 23 26 31 38 42 44 68"),
    "closed_is_success": _by("54 21", also="19 22 23 26 28 29 32 33 34 35 36 38 42 44 47 51 61 63 66"),
    "fresh_id_per_attempt": _by("28"),
    "id_shared_by_commands": _by("14 29"),
    "upper_case_id": _by("13"),
    "little_endian_length": _by("12 06", also=None),
    "length_counts_header": _by("12", also=None),
    "compact_json": _by("12 11"),
    "raw_unicode": _by("11"),
    "trims_the_name": _by("06"),
    "extra_key": _by("12 11"),
    "junk_after_frame": _by("55 15", also="11 12"),
    "frame_sent_twice": _by("55 12", also="11 15"),
    "state_inverted": _by("12 50 04", also="01 02 05 07 08 09 11 15 16 18 19 59 62 67"),
    "always_on": _by("08 02", also="05 09 11 59"),
    "connects_twice": _by("02 01", also="03 07 08 09 19 20 21 22 23 25 26 30 32 33 34 35 36 58 60 61 64 65 66 68"),
    "second_connection_left_open": _by("65 58", also=None),
    "io_timeout_ignored": _by("31", also="26"),
    "io_timeout_halved": _by("30 60", also="45 72"),
    "connect_timeout_ignored": _by("26", maybe="19 39"),
    "retransmits_not_counted": _by("40 47", also="38 39 42 43 44 71"),
    "retransmits_counted_once_too_often": _by("43", also="42 44"),
    "latency_counted_on_failure": _by("40 47", also="38 42 44"),
    "latency_in_milliseconds": _by("45"),
    "sent_counted_when_refused": _by("43", also="44 71"),
    "timeout_counted_as_closed": _by("38", also="42 44"),
    "metrics_of_all_devices_mixed": _by("46 37", also="38 39 40 41 42 43 44 45 47 71"),
    "metrics_port_taken_ignored": _by("49"),
    "logs_wrong_outcome": _by("57"),
    "logs_success_on_failure": _by("57"),
    "correlation_id_per_line": _by("54"),
    "bad_port_accepted": _by("53", also="52"),
    "bad_state_is_off": _by("53 52"),
    "traceback_on_bad_argument": _by("53", also="52"),
    "exit_code_always_zero": _by("51"),
}
