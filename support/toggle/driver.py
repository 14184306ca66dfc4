"""What steps do to a hub: switch, run by hand, ask for its counters. Every call has a deadline.

Commands go to a serving hub where the target offers one, else to one process each; the promises are the same.
"""

import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

from support.kit.deadline import eventually
from support.kit.errors import PromiseBrokenError
from support.kit.metrics import Scrape, ScrapeError, scrape
from support.kit.readiness import answers
from support.toggle.bulb import HOST, Bulb, require_reached
from support.toggle.hanging import require_worth_asking, watched
from support.toggle.hub import Command, OneShot, Outcome, Pending, ServingHub, metrics_url
from support.toggle.world import Run, Seat, ToggleWorld

SERVING_SLACK = 3.0
"""Seconds that a serving hub may take beyond its own limits and waits."""
STARTING_SLACK = 6.0
"""Seconds that a hub with a process per command may take beyond them; start-up included, scaled by patience."""
LEAVING_GRACE = 0.1
"""Seconds that a hub has at the end of a scenario before it is ended by force; it may be in the middle of a command."""
THE_HUB = "the hub"


def begin(world: ToggleWorld, bulb: Bulb, state: str, *, seat: str = THE_HUB) -> Pending:
    """Ask the hub to switch `bulb` `on` or `off` and do not wait."""
    require_worth_asking(world.target)
    port = world.link.port if world.link is not None else bulb.port
    command = Command(bulb.name, HOST, str(port), state, str(world.attempts))
    started: list[Pending] = []
    if world.target.serves:
        hub = _serving(world, seat)
        bulb.watch(hub.process.tree_pids)
        started.append(hub.begin(command))
    else:
        bulb.watch(lambda: started[0].pids() if started else ())
        started.append(_one_shot(world, command, world.new_port()))
    _seat(world, seat).under_way = started[0]
    return started[0]


def make_ready(world: ToggleWorld, *seats: str) -> None:
    """Start serving hubs before they are needed; a hub with a process per command starts with its command."""
    for seat in seats if world.target.serves else ():
        _serving(world, seat)


def finish(world: ToggleWorld, pending: Pending) -> Outcome:
    """Wait for the end of a command, and until all that the hub sent to its bulb is on record."""
    with watched(world.target):
        outcome = pending.outcome(limit(world, int(pending.command.attempts)))
    bulb = world.bulbs[pending.command.device_id]
    bulb.settle()
    require_reached(bulb)
    world.outcomes.append(outcome)
    if bulb.script.plain and world.link is None and outcome.acknowledged and world.target.serves:
        world.latency.add(outcome.seconds)
    return outcome


def limit(world: ToggleWorld, attempts: int) -> float:
    """Seconds after which a command that has not ended counts as hanging."""
    slack = SERVING_SLACK if world.target.serves else STARTING_SLACK * world.settings.patience
    return world.agreement.longest(attempts) + slack


def switch(world: ToggleWorld, states: Iterable[str]) -> None:
    """Switch the scenario's bulb, one command after the other."""
    for state in states:
        finish(world, begin(world, world.bulb, state))


def in_turn(times: int) -> list[str]:
    """on, off, on, off, ...: `times` states."""
    return list(islice(cycle(("on", "off")), times))


def switch_all(world: ToggleWorld, state: str) -> None:
    """Give the command for every bulb at once, then wait for all ends."""
    for pending in [begin(world, bulb, state) for bulb in world.bulbs.values()]:
        finish(world, pending)


def run_plan(world: ToggleWorld) -> None:
    """Run the planned number of commands for each bulb; different bulbs side by side, one bulb's commands in order."""
    for turn in range(max(count for _, count in world.plan)):
        for pending in [begin(world, world.bulbs[name], "on") for name, count in world.plan if turn < count]:
            finish(world, pending)


def switch_until_asked(world: ToggleWorld, bulb: Bulb, state: str, times: int, seat: str = THE_HUB) -> None:
    """Give the command and return when the bulb has its frame number `times`, the answer still to come."""
    begin(world, bulb, state, seat=seat)
    await_frames(world, bulb, times)


def await_frames(world: ToggleWorld, bulb: Bulb, times: int) -> None:
    """Wait until the bulb has received `times` frames."""
    eventually(
        lambda: len(bulb.frames), lambda count: count >= times, limit(world, times),
        f"{bulb.name} is asked {times} times", interval=0.002, describe=lambda count: f"asked {count} times",
    )  # fmt: skip


def start_by_hand(
    world: ToggleWorld, bulb: Bulb, *, port: str | None = None, state: str = "on", attempts: str | None = None
) -> OneShot:
    """Start the hub as a script would: one process, judged by its exit code and its log. The texts may be mistyped."""
    require_worth_asking(world.target)
    there = world.link.port if world.link is not None else bulb.port
    command = Command(bulb.name, HOST, str(there) if port is None else port, state, attempts or str(world.attempts))
    started: list[OneShot] = []
    bulb.watch(lambda: started[0].pids() if started else ())
    reserved = world.seats.get(THE_HUB)
    started.append(_one_shot(world, command, reserved.metrics_port if reserved else world.new_port()))
    return started[0]


def finish_by_hand(world: ToggleWorld, hub: OneShot) -> Run:
    """Wait for the end of a hub that somebody started by hand."""
    with watched(world.target):
        code = hub.exit_code(world.agreement.longest(world.attempts) + STARTING_SLACK * world.settings.patience)
    bulb = world.bulbs[hub.command.device_id]
    bulb.settle()
    world.runs.append(Run(bulb, code, hub.process.log, hub.seconds, datetime.now(UTC) - timedelta(seconds=hub.seconds)))
    return world.run


def run_by_hand(
    world: ToggleWorld, bulb: Bulb, *, port: str | None = None, state: str = "on", attempts: str | None = None
) -> Run:
    """Start the hub by hand and wait for its end."""
    return finish_by_hand(world, start_by_hand(world, bulb, port=port, state=state, attempts=attempts))


def scrape_counters(world: ToggleWorld, seat: str = THE_HUB) -> Scrape:
    """The hub's counters as they stand. ScrapeError where they cannot be read."""
    return scrape(metrics_url(_counters_port(world, seat)))


def counters(world: ToggleWorld, seat: str = THE_HUB) -> Scrape:
    """The hub's counters as they stand. PromiseBrokenError where a hub that claims them does not show them."""
    try:
        found = scrape_counters(world, seat)
    except ScrapeError as error:
        raise PromiseBrokenError("the hub's counters can be read while it lives", str(error)) from error
    world.evidence.attach("metrics.txt", found.text)
    return found


def counters_answer(world: ToggleWorld, seat: str = THE_HUB) -> bool:
    """Whether anything answers where the hub's counters are read."""
    return answers(metrics_url(_counters_port(world, seat)))


def take_counters_port(world: ToggleWorld) -> None:
    """Listen, as somebody else's program, where the hub is to show its counters."""
    port = _seat(world, THE_HUB).metrics_port
    world.resources.enter_context(socket.create_server((HOST, port)))


def end_hub(world: ToggleWorld, seat: str = THE_HUB) -> None:
    """Let the hub come to its end: a serving one is told to finish, one with a single command is waited for."""
    taken = world.seats[seat]
    if taken.serving is not None:
        taken.serving.end()
    elif taken.under_way is not None:
        finish(world, taken.under_way)


def _counters_port(world: ToggleWorld, seat: str) -> int:
    taken = world.seats[seat]
    return taken.under_way.metrics_port if isinstance(taken.under_way, OneShot) else taken.metrics_port


def _seat(world: ToggleWorld, seat: str) -> Seat:
    if seat not in world.seats:
        world.seats[seat] = Seat(world.new_port())
    return world.seats[seat]


def _one_shot(world: ToggleWorld, command: Command, metrics_port: int) -> OneShot:
    hub = OneShot(world.target, command, world.asked_settings, metrics_port, _new_log(world))
    world.resources.callback(hub.process.stop, LEAVING_GRACE)
    return hub


def _serving(world: ToggleWorld, seat: str) -> ServingHub:
    taken = _seat(world, seat)
    if taken.serving is None:
        hub = ServingHub(
            world.target,
            world.attempts,
            world.asked_settings,
            taken.metrics_port,
            _new_log(world),
            world.settings.patience,
        )
        taken.serving = hub
        world.resources.callback(hub.process.stop, LEAVING_GRACE)
        if world.target.missing("metrics") is None:
            _keep_counters(world, taken, "metrics-before.txt")
            world.resources.callback(_keep_counters, world, taken, "metrics-after.txt")
    return taken.serving


def _new_log(world: ToggleWorld) -> Path:
    number = len(world.logs) + 1
    world.logs.append(world.evidence.log_path("hub.log" if number == 1 else f"hub-{number}.log"))
    return world.logs[-1]


def _keep_counters(world: ToggleWorld, seat: Seat, name: str) -> None:
    try:
        world.evidence.attach(name, scrape(metrics_url(seat.metrics_port)).text)
    except ScrapeError as error:
        # Evidence, not a promise: a hub that was ended on purpose has none to show. The reason stands in its place.
        world.evidence.attach(name, f"not to be had: {error}\n")
