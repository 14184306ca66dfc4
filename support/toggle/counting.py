"""What steps promise about the hub's counters."""

from collections.abc import Mapping, Sequence

from support.kit.deadline import eventually, steadily
from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.metrics import ScrapeError
from support.kit.promises import require
from support.toggle import ledger
from support.toggle.bulb import Bulb
from support.toggle.driver import THE_HUB, counters, limit, scrape_counters
from support.toggle.world import ToggleWorld

COUNTING_LIMIT = 0.3
"""Seconds within which a counter shows what has happened."""
STEADY_COUNT = 0.1
"""Seconds for which it must go on showing it."""


def require_counters(world: ToggleWorld, bulb: Bulb, rows: Sequence[tuple[str, str, int]], seat: str = THE_HUB) -> None:
    """All counters of the bulb are as listed, those not listed are zero, and it stays so for a moment."""
    require_counters_of_all(world, {bulb.name: rows}, seat)


def require_counters_of_all(world: ToggleWorld, rows: Mapping[str, Sequence[tuple[str, str, int]]], seat: str = THE_HUB) -> None:
    """The counters of all bulbs are as listed by name, those not listed are zero, and it stays so for a moment."""
    wanted = {name: ledger.expected(listed) for name, listed in rows.items()}

    def look() -> dict[str, dict[tuple[str, str], float]]:
        scrape = scrape_counters(world, seat)
        return {name: ledger.comparable(ledger.read(scrape, name), wanted[name]) for name in wanted}

    def told(seen: Mapping[str, ledger.Ledger]) -> str:
        return "; ".join(f"{name}: {ledger.told(each)}" for name, each in seen.items())

    promised = f"the counters read {told(wanted)}"
    # A hub may open the place of its counters a moment after it has asked.
    eventually(look, lambda seen: seen == wanted, COUNTING_LIMIT, promised, retry_on=(ScrapeError,), describe=told)
    steadily(look, lambda seen: seen == wanted, STEADY_COUNT, promised, interval=STEADY_COUNT / 2, describe=told)


def require_still_waiting(bulb: Bulb) -> None:
    """VoidError where the bulb has answered already: then the counters were read too late to mean anything."""
    if bulb.visits[-1].answered_at is not None:
        raise VoidError(
            f"{bulb.name} answered before the counters had been read; its time to answer is too short for this machine"
        )


def require_measured(world: ToggleWorld, count: int, planted: float, percent: float) -> None:
    """The hub has measured `count` answers whose times add up to what the bulb really took, about `planted` seconds."""
    scrape = counters(world)
    name = world.bulb.name
    require("the hub has measured {} answers", count, int(scrape.value(f"{ledger.HISTOGRAM}_count", device_id=name)))
    taken = sum((visit.answered_at or 0.0) - (visit.frame_at or 0.0) for visit in world.bulb.visits)
    if taken < planted:
        raise VoidError(f"the bulb was to take {planted:g} s and took {taken:.3f} s")
    seen = scrape.value(f"{ledger.HISTOGRAM}_sum", device_id=name)
    world.evidence.number("answer times by the bulb", taken, "s")
    world.evidence.number("answer times by the hub", seen, "s")
    if not taken * (1 - percent / 100) <= seen <= taken * (1 + percent / 100):
        raise PromiseBrokenError(f"the measured times add up to {taken:.3f} s within {percent:g} %", f"{seen:.3f} s")


def require_counters_to_come(world: ToggleWorld, bulb: Bulb, rows: Sequence[tuple[str, str, int]]) -> None:
    """The counters of the bulb read as listed at some moment of the command under way; those not listed are zero then."""
    wanted = ledger.expected(rows)
    eventually(
        lambda: ledger.read(scrape_counters(world), bulb.name),
        lambda seen: seen == wanted,
        limit(world, world.attempts),
        f"the counters of {bulb.name} come to read {ledger.told(wanted)}",
        retry_on=(ScrapeError,),  # the hub may still be starting, or have ended already
        describe=ledger.told,
    )
