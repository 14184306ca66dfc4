"""What steps promise about time: waits between attempts, the end of a command, round trips."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.latency import LatencyReport, Thresholds, percentile
from support.kit.sockets import refused_attempts
from support.toggle import waits
from support.toggle.behaviour import Act
from support.toggle.checks import require_asked
from support.toggle.start_up import overhead
from support.toggle.world import ToggleWorld


def require_time_of(world: ToggleWorld, attempts: int) -> None:
    """The last command, every attempt of which was refused at once, took the waits between `attempts` attempts and no more."""
    least = world.agreement.waits(attempts)
    most = _most(world, attempts, 0.0)
    seen = world.outcome.seconds
    if not least <= seen < most:
        raise PromiseBrokenError(
            f"{attempts} refused attempts and their waits take {least:.2f} s to {most:.2f} s", f"{seen:.2f} s"
        )
    if refused_attempts() is not None and world.bulb.approach.witnessed < attempts:
        raise PromiseBrokenError(f"the bulb refuses {attempts} attempts", f"{world.bulb.approach.witnessed} were made")


def require_given_up_in_time(world: ToggleWorld) -> None:
    """The last command took no longer than its attempts' time limits, the waits between them, and starting the hub."""
    limits = {Act.UNREACHABLE: world.agreement.connect, Act.SILENT: world.agreement.reply}
    most = _most(world, world.attempts, limits.get(world.bulb.script.then.act, 0.0))
    if world.outcome.seconds > most:
        raise PromiseBrokenError(f"the hub gives up within {most:.2f} s", f"after {world.outcome.seconds:.2f} s")


def _most(world: ToggleWorld, attempts: int, each: float) -> float:
    """Seconds that `attempts` attempts of `each` seconds take at most, one after the other."""
    between = world.agreement.waits(attempts) + (attempts - 1) * world.agreement.jitter
    return attempts * each + between + overhead(world).most


def require_waits(world: ToggleWorld, agreed: dict[int, float]) -> None:
    """The waits of all bulbs are as agreed (seconds, by number of the failed attempt)."""
    for bulb in world.bulbs.values():
        require_asked(bulb, len(agreed) + 1)
    waits.require_agreed(all_waits(world), agreed, world.agreement.jitter)


def all_waits(world: ToggleWorld) -> list[waits.Wait]:
    """The waits that the scenario's bulbs saw; each is added to the evidence."""
    found: list[waits.Wait] = []
    for bulb in world.bulbs.values():
        for wait in waits.waits_between(bulb.visits):
            world.evidence.number(f"{bulb.name}: wait after attempt {wait.after}", wait.seconds, "s")
            found.append(wait)
    return found


def require_no_last_wait(world: ToggleWorld) -> None:
    """Less time passed between the last failure and the end of the command than another wait would have taken."""
    attempts = len(world.bulb.visits)
    hung_up_at = world.bulb.visits[-1].hung_up_at
    if attempts != world.attempts or hung_up_at is None:
        raise PromiseBrokenError(f"the bulb is asked {world.attempts} times", f"{attempts} times")
    seen, another = world.outcome.ended_at - hung_up_at, world.agreement.wait(attempts)
    # Half of what the process usually needs to end: with all of it, a hub that waits once more could hide in it.
    if seen >= another + overhead(world).after / 2:
        raise PromiseBrokenError(
            f"the hub gives up without waiting {another:.2f} s more", f"it ended {seen:.2f} s after the last failure"
        )


def require_ended_first(world: ToggleWorld, first: str, second: str) -> None:
    """The command for bulb `first` ended before the one for bulb `second`."""
    ahead = world.outcome_for(second).ended_at - world.outcome_for(first).ended_at
    if ahead <= 0:
        raise PromiseBrokenError(f"{first} is answered before the hub gives up on {second}", f"{-ahead:.2f} s later")


def require_taken(world: ToggleWorld, least: float) -> None:
    """The last command has taken at least `least` seconds: the planted delay took place."""
    if world.outcome.seconds < least:
        raise VoidError(f"the command was to be delayed to {least:g} s and took {world.outcome.seconds:.3f} s")


def require_slow(world: ToggleWorld, least_ms: float) -> None:
    """Every command has taken at least `least_ms` milliseconds."""
    quickest = min(outcome.seconds for outcome in world.outcomes) * 1000
    if quickest < least_ms:
        raise PromiseBrokenError(f"each round trip takes at least {least_ms:g} ms", f"{quickest:.1f} ms")


def expect_quick(world: ToggleWorld, bounds_ms: Mapping[float, float]) -> None:
    """Percentiles of this scenario's round trips against bounds in ms. Beyond one the run warns; strict timing is red."""
    sampled = [seconds * 1000 for seconds in world.sampled()]
    for percent, bound in bounds_ms.items():
        seen = percentile(sampled, percent)
        world.evidence.number(f"round trip p{percent:g}", seen, "ms")
        if seen >= bound:
            world.fall_short(f"{percent:g} % of the round trips take less than {bound:g} ms", f"{seen:.1f} ms")


def report_of(world: ToggleWorld) -> LatencyReport:
    """A latency report of this scenario's commands alone."""
    return LatencyReport.of([outcome.seconds * 1000 for outcome in world.outcomes], Thresholds(), datetime.now(UTC))


def require_warning(world: ToggleWorld, limit_ms: float) -> None:
    """A report of this scenario's round trips warns that they exceed `limit_ms`; it goes to the evidence."""
    report = report_of(world)
    world.evidence.attach("performance-report.json", json.dumps(report.as_json(), indent=2), "application/json")
    if not any(f"{limit_ms:g}" in warning for warning in report.warnings):
        raise PromiseBrokenError(
            f"the report warns of more than {limit_ms:g} ms", f"warnings {report.warnings} in {report.console()}"
        )


def require_whole_report(world: ToggleWorld) -> None:
    """The report has the keys of the contract, and every command's round trip in order."""
    found = report_of(world).as_json()
    wanted = {"timestamp", "thresholds", "metrics", "samples_ms", "warnings"}
    if set(found) != wanted or len(world.outcomes) != len(found["samples_ms"]):  # type: ignore[arg-type]
        raise PromiseBrokenError(
            f"the report has {', '.join(sorted(wanted))} and {len(world.outcomes)} samples", str(found)[:400]
        )
