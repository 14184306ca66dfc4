"""The hub's counters as the features read them."""

import pytest

from support.kit.metrics import parse
from support.toggle import ledger

TEXT = """\
# TYPE tcp_comm_packet_sent_total counter
tcp_comm_packet_sent_total{device_id="D",outcome="success"} 2.0
tcp_comm_packet_sent_total{device_id="other",outcome="success"} 9.0
tcp_comm_packet_sent_total{device_id="D",outcome="error"} 0.0
# TYPE tcp_comm_packet_recv_total counter
tcp_comm_packet_recv_total{device_id="D",outcome="timeout"} 1.0
# TYPE tcp_comm_decode_errors_total counter
tcp_comm_decode_errors_total{device_id="D",reason="whatever"} 1.0
# TYPE tcp_comm_packet_latency_seconds histogram
tcp_comm_packet_latency_seconds_bucket{device_id="D",le="0.25"} 0.0
tcp_comm_packet_latency_seconds_bucket{device_id="D",le="0.5"} 3.0
tcp_comm_packet_latency_seconds_bucket{device_id="D",le="+Inf"} 3.0
tcp_comm_packet_latency_seconds_sum{device_id="D"} 0.9
tcp_comm_packet_latency_seconds_count{device_id="D"} 3.0
"""
SEEN = {
    ("frames sent", "success"): 2.0,
    ("answers", "timeout"): 1.0,
    ("decode errors", "whatever"): 1.0,
    ("answer time", "taken"): 3.0,
}


def test_a_ledger_holds_all_that_is_not_zero_of_one_bulb():
    assert ledger.read(parse(TEXT), "D") == SEEN


def test_decode_errors_are_left_out_where_wrong_answers_are_expected_and_only_there():
    assert ledger.comparable(SEEN, {("answers", "timeout"): 1.0}) == SEEN
    assert ("decode errors", "whatever") not in ledger.comparable(SEEN, {("answers", "bad_ack"): 1.0})


def test_a_table_becomes_a_ledger():
    assert ledger.expected([("answers", "timeout", 2), ("answer time", "taken", 1)]) == {
        ("answers", "timeout"): 2.0,
        ("answer time", "taken"): 1.0,
    }
    with pytest.raises(ValueError, match="no counter 'questions'"):
        ledger.expected([("questions", "asked", 1)])


def test_the_steps_and_what_is_within_them():
    scrape = parse(TEXT)
    assert ledger.steps(scrape, "D") == [0.25, 0.5]
    assert ledger.within_step(scrape, "D", 0.25) == 0
    assert ledger.within_step(scrape, "D", 0.5) == 3
    with pytest.raises(LookupError, match=r"0\.1 s"):
        ledger.within_step(scrape, "D", 0.1)


def test_a_ledger_is_told_in_one_line():
    assert ledger.told({}) == "all zero"
    assert ledger.told({("frames sent", "success"): 2.0}) == "frames sent success 2"
