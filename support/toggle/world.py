"""Everything that one scenario of the toggle slice remembers, and the one place where it is ended."""

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from support.kit.errors import PromiseBrokenError
from support.kit.evidence import Evidence
from support.kit.latency import Samples
from support.kit.loop import LoopThread, the_loop
from support.kit.ports import lease_port
from support.kit.proxy import Proxy
from support.kit.slice import RunSettings
from support.kit.wire import WireLog
from support.toggle.agreement import Agreement
from support.toggle.behaviour import Script
from support.toggle.bulb import Bulb
from support.toggle.hub import Outcome, Pending, ServingHub
from support.toggle.target import HubTarget

USUAL_NAME = "DEV1"
USUAL_ATTEMPTS = 2


@dataclass
class Run:
    """A hub that somebody ran by hand: its exit code, what it logged, how long it took in seconds, and when it began."""

    bulb: Bulb
    code: int
    log: Path
    seconds: float
    began: datetime


@dataclass
class Seat:
    """A hub of the scenario: at most one serving process, or one process per command, and the port of its counters."""

    metrics_port: int
    serving: ServingHub | None = None
    under_way: Pending | None = None


@dataclass
class ToggleWorld:
    """One scenario's actors and what they did."""

    target: HubTarget
    settings: RunSettings
    evidence: Evidence
    latency: Samples
    loop: LoopThread
    wire: WireLog
    resources: ExitStack
    agreement: Agreement
    attempts: int = USUAL_ATTEMPTS
    asked_settings: dict[str, str] = field(default_factory=dict)
    bulbs: dict[str, Bulb] = field(default_factory=dict)
    plan: list[tuple[str, int]] = field(default_factory=list)
    link: Proxy | None = None
    seats: dict[str, Seat] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    drops: list[bytes] = field(default_factory=list)
    sampled_before: int = 0
    logs: list[Path] = field(default_factory=list)

    def add_bulb(self, script: Script, name: str = USUAL_NAME) -> Bulb:
        """A bulb that acts out `script`. ValueError for a second one of the same name."""
        if name in self.bulbs:
            raise ValueError(f"there is a bulb {name!r} already")
        bulb = Bulb(self.loop, name, script.for_limit(self.agreement.reply), self.wire, patience=self.agreement.connect)
        self.resources.callback(bulb.close)
        self.bulbs[name] = bulb
        return bulb

    @property
    def bulb(self) -> Bulb:
        """The only bulb of the scenario."""
        (only,) = self.bulbs.values()
        return only

    @property
    def outcome(self) -> Outcome:
        """How the last command ended."""
        return self.outcomes[-1]

    @property
    def run(self) -> Run:
        """The last hub that somebody ran by hand."""
        return self.runs[-1]

    def outcome_for(self, name: str) -> Outcome:
        """How the last command for the bulb `name` ended. LookupError: there was none."""
        ends = [outcome for outcome in self.outcomes if outcome.command.device_id == name]
        if not ends:
            raise LookupError(f"no command for {name!r} has ended")
        return ends[-1]

    def bulb_of(self, seat: str) -> Bulb:
        """The bulb for which the hub `seat` has a command under way."""
        pending = self.seats[seat].under_way
        if pending is None:
            raise LookupError(f"the {seat} hub has no command under way")
        return self.bulbs[pending.command.device_id]

    def sampled(self) -> tuple[float, ...]:
        """The round trips, in seconds, that this scenario has added to the latency report."""
        return self.latency.seconds[self.sampled_before :]

    def ask_for(self, **settings: str) -> None:
        """Start hubs with these settings, by the names of the profile."""
        self.asked_settings.update(settings)
        agreed = {"backoff_base": "base", "backoff_cap": "cap", "jitter": "jitter"}
        changed = {agreed[name]: float(value) for name, value in settings.items() if name in agreed}
        self.agreement = replace(self.agreement, **changed)

    def new_port(self) -> int:
        """A port for a hub's counters, held for the scenario."""
        return self.resources.enter_context(lease_port()).port

    def fall_short(self, promised: str, seen: str) -> None:
        """A bound that depends on the machine was missed: a warning, or PromiseBrokenError where timing is strict."""
        if self.settings.timing_strict:
            raise PromiseBrokenError(promised, seen)
        self.evidence.warn(f"{promised}: {seen}")

    def audit(self) -> None:
        """Raise where a serving hub has died, or where a hub that claims a log of records has crashed into it."""
        for seat in self.seats.values():
            if seat.serving is not None and not seat.serving.ended:
                seat.serving.process.require_alive("at the end of the scenario")
        for log in self.logs if "logs" in self.target.capabilities else ():
            require_no_crash(log)

    def close(self) -> None:
        """End hubs, link and bulbs, last in first out; every one is ended, whatever goes wrong with another."""
        self.resources.close()


def require_no_crash(log: Path) -> None:
    """PromiseBrokenError where a hub's log shows the trace of a crash."""
    text = log.read_text(encoding="utf-8", errors="replace")
    if any(line.startswith("Traceback (most recent call last)") for line in text.splitlines()):
        raise PromiseBrokenError("a failed command or a mistyped value is no crash", text[-400:])


def open_world(target: HubTarget, settings: RunSettings, evidence: Evidence, latency: Samples) -> ToggleWorld:
    """A fresh world for one scenario."""
    return ToggleWorld(
        target=target, settings=settings, evidence=evidence, latency=latency, loop=the_loop(),
        wire=evidence.open_wire(), resources=ExitStack(), agreement=target.agreement,
        sampled_before=len(latency.seconds),
    )  # fmt: skip
