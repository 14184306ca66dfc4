"""What steps promise about time: waits between attempts, the end of a command, round trips."""

from collections.abc import Mapping

from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.latency import percentile
from support.kit.sockets import refused_attempts
from support.toggle import waits
from support.toggle.checks import require_asked
from support.toggle.world import ToggleWorld

STARTING_ALLOWANCE = 0.5
"""Seconds that starting a process may add to the time of its attempts, scaled by patience."""
SERVING_ALLOWANCE = 0.1
"""Seconds that handing a command to a serving hub may add."""


def require_time_of(world: ToggleWorld, attempts: int) -> None:
    """The last command, every attempt of which was refused at once, took the waits between `attempts` attempts and no more."""
    least = world.agreement.waits(attempts)
    allowance = SERVING_ALLOWANCE if world.target.serves else STARTING_ALLOWANCE * world.settings.patience
    most = world.agreement.waits(attempts + 1) + (attempts - 1) * world.agreement.jitter + allowance
    seen = world.outcome.seconds
    if not least <= seen < most:
        raise PromiseBrokenError(
            f"{attempts} refused attempts and their waits take {least:.2f} s to {most:.2f} s", f"{seen:.2f} s"
        )
    if refused_attempts() is not None and world.bulb.approach.witnessed < attempts:
        raise PromiseBrokenError(f"the bulb refuses {attempts} attempts", f"{world.bulb.approach.witnessed} were made")


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
    if seen >= another:
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
