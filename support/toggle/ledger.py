"""The hub's counters in the words of the feature files, compared as a whole: what is not listed must be zero."""

from collections.abc import Iterable, Mapping

from support.kit.metrics import Scrape

COUNTERS = {
    "frames sent": ("tcp_comm_packet_sent_total", "outcome"),
    "answers": ("tcp_comm_packet_recv_total", "outcome"),
    "repeats": ("tcp_comm_packet_retransmit_total", "reason"),
    "decode errors": ("tcp_comm_decode_errors_total", "reason"),
}
ANSWER_TIME = "answer time"
TAKEN = "taken"
HISTOGRAM = "tcp_comm_packet_latency_seconds"
STEPS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)

Ledger = Mapping[tuple[str, str], float]


def read(scrape: Scrape, device_id: str) -> dict[tuple[str, str], float]:
    """All counters of one bulb that are not zero, by what and kind, such as ("answers", "timeout")."""
    ledger: dict[tuple[str, str], float] = {}
    for what, (name, label) in COUNTERS.items():
        for labels, value in scrape.series(name).items():
            named = dict(labels)
            if named.get("device_id") == device_id and value:
                ledger[what, named.get(label, "?")] = value
    if taken := scrape.value(f"{HISTOGRAM}_count", device_id=device_id):
        ledger[ANSWER_TIME, TAKEN] = taken
    return ledger


def expected(rows: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], float]:
    """The ledger that a table promises. ValueError for a counter that does not exist."""
    ledger: dict[tuple[str, str], float] = {}
    for what, kind, count in rows:
        if what not in COUNTERS and (what, kind) != (ANSWER_TIME, TAKEN):
            raise ValueError(f"there is no counter {what!r} of kind {kind!r}")
        ledger[what, kind] = ledger.get((what, kind), 0.0) + count
    return ledger


def comparable(seen: Ledger, wanted: Ledger) -> dict[tuple[str, str], float]:
    """`seen` without decode errors where wrong answers are expected: the contract leaves their reasons to the hub."""
    if not any(kind == "bad_ack" for _, kind in wanted):
        return dict(seen)
    return {key: value for key, value in seen.items() if key[0] != "decode errors"}


def told(ledger: Ledger) -> str:
    """A ledger as one line of text."""
    return ", ".join(f"{what} {kind} {value:g}" for (what, kind), value in sorted(ledger.items())) or "all zero"


def steps(scrape: Scrape, device_id: str) -> list[float]:
    """The upper bounds of the histogram's steps in seconds, ascending, without infinity."""
    found = {
        float(dict(labels)["le"]) for labels in scrape.series(f"{HISTOGRAM}_bucket") if dict(labels).get("device_id") == device_id
    }
    return sorted(bound for bound in found if bound != float("inf"))


def within_step(scrape: Scrape, device_id: str, bound: float) -> float:
    """How many answers took at most `bound` seconds, by the histogram. LookupError: it has no such step."""
    for labels, value in scrape.series(f"{HISTOGRAM}_bucket").items():
        named = dict(labels)
        if named.get("device_id") == device_id and float(named["le"]) == bound:
            return value
    raise LookupError(f"the histogram of {device_id!r} has no step of {bound:g} s")
