"""A hub under test as processes: one per command, or one that serves many. Both hand out a `Pending` per command.

A one-shot hub is judged by its exit code (0 acknowledged, 1 not). A serving hub takes commands as JSON lines on its standard
input and answers each with a JSON line: `{"id", "acknowledged"}`, or `{"id", "error"}` for a command it does not understand.
"""

import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from support.kit.deadline import Deadline, Latch
from support.kit.errors import DeadlineExceededError, InfrastructureError, PromiseBrokenError
from support.kit.process import ManagedProcess
from support.kit.readiness import answers, look_at
from support.toggle.target import HubTarget

EXIT_CODES = {0: True, 1: False}
STOP_GRACE = 3.0
"""Seconds for a hub to end by itself after it was told to."""


class HangsError(PromiseBrokenError):
    """The hub said nothing about a command although all agreed limits and waits had passed."""


class HubEndedError(InfrastructureError):
    """The hub ended, or answered, in a way that is neither success nor failure."""


@dataclass(frozen=True)
class Command:
    """What the hub is asked for. `port`, `state` and `attempts` are texts because scripts mistype them."""

    device_id: str
    host: str
    port: str
    state: str
    attempts: str


@dataclass(frozen=True)
class Outcome:
    """How a command ended. Times are seconds on the monotonic clock."""

    command: Command
    acknowledged: bool
    started_at: float
    ended_at: float

    @property
    def seconds(self) -> float:
        return self.ended_at - self.started_at


class Pending(Protocol):
    """A command under way."""

    @property
    def command(self) -> Command: ...

    def outcome(self, within: float) -> Outcome:
        """Wait for the end. HangsError: none came within `within` seconds. HubEndedError: it was no outcome."""

    def pids(self) -> set[int]:
        """The hub's processes, for whoever watches their sockets."""


def _hangs(command: Command, within: float) -> HangsError:
    return HangsError(
        f"the hub says within {within:.1f} s how the command to {command.device_id!r} ended",
        f"nothing after {within:.1f} s; the agreed limits and waits had passed, and the hub was ended by force",
    )


class OneShot:
    """One process for one command. `printed` is what it wrote on standard output; standard error is in the log file."""

    def __init__(self, target: HubTarget, command: Command, settings: Mapping[str, str], metrics_port: int, log: Path) -> None:
        self.command = command
        self.metrics_port = metrics_port
        self.printed: list[str] = []
        values = {
            "device_id": command.device_id, "device_host": command.host, "device_port": command.port,
            "state": command.state, "max_attempts": command.attempts, "metrics_port": str(metrics_port),
        }  # fmt: skip
        self.process = ManagedProcess.start(
            target.one_shot(values, settings), name="hub", log=log, env=target.env, on_line=self.printed.append
        )

    @property
    def started_at(self) -> float:
        return self.process.started_at

    @property
    def seconds(self) -> float:
        """From start to end; only for a process that has ended."""
        ended_at = self.process.ended_at
        assert ended_at is not None, "asked of a process that has ended"
        return ended_at - self.started_at

    def pids(self) -> set[int]:
        return self.process.tree_pids()

    def exit_code(self, within: float) -> int:
        """The code with which the process ended; HangsError where it did not end within `within` seconds."""
        try:
            return self.process.wait(within)
        except DeadlineExceededError as error:
            self.process.stop(grace=0.0)
            raise _hangs(self.command, within) from error

    def outcome(self, within: float) -> Outcome:
        code = self.exit_code(within)
        if code not in EXIT_CODES:
            raise HubEndedError(f"the hub ended with code {code} instead of 0 or 1; its log ends:\n{self.process.log_tail()}")
        return Outcome(self.command, EXIT_CODES[code], self.started_at, self.started_at + self.seconds)


@dataclass
class Served:
    """One command given to a serving hub."""

    command: Command
    hub: "ServingHub"
    started_at: float = 0.0
    answered: Latch = field(default_factory=Latch)
    answer: Mapping[str, object] = field(default_factory=dict)
    ended_at: float = 0.0

    def pids(self) -> set[int]:
        return self.hub.process.tree_pids()

    def outcome(self, within: float) -> Outcome:
        deadline = Deadline(within)
        while not self.answered.wait(min(0.1, deadline.remaining)):
            self.hub.process.require_alive("while a command was under way")
            if deadline.expired:
                self.hub.ended = True
                self.hub.process.stop(grace=0.0)
                raise _hangs(self.command, within)
        acknowledged = self.answer.get("acknowledged")
        if not isinstance(acknowledged, bool):
            raise HubEndedError(f"the hub answered {json.dumps(self.answer)} to the command for {self.command.device_id!r}")
        return Outcome(self.command, acknowledged, self.started_at, self.ended_at)


class ServingHub:
    """One process that takes many commands, several at a time."""

    def __init__(
        self,
        target: HubTarget,
        attempts: int,
        settings: Mapping[str, str],
        metrics_port: int,
        log: Path,
        patience: float,
    ) -> None:
        self.strange_lines: list[str] = []
        self.ended = False  # on purpose, so that nobody takes it for a death
        self._pending: dict[str, Served] = {}
        self._ids = (f"c{number}" for number in itertools.count(1))
        values = {"max_attempts": str(attempts), "metrics_port": str(metrics_port)}
        self.process = ManagedProcess.start(
            target.serve(values, settings), name="hub", log=log, env=target.env, stdin=True, on_line=self._take
        )
        look = look_at(
            target.ready,
            port=lambda: _metrics_answer(target, metrics_port),
            logged=self.process.logged,
            values={"metrics_port": str(metrics_port)},
        )
        self.process.wait_ready(look, target.start_timeout * patience, "the hub to be ready")

    def begin(self, command: Command) -> Served:
        """Hand the command over; several may be under way."""
        number = next(self._ids)
        served = self._pending[number] = Served(command, self)
        line = {
            "id": number, "device_id": command.device_id, "device_host": command.host, "device_port": int(command.port),
            "state": command.state, "max_attempts": int(command.attempts),
        }  # fmt: skip
        served.started_at = time.monotonic()
        self.process.write_line(json.dumps(line))
        return served

    def _take(self, line: str) -> None:
        now = time.monotonic()
        try:
            answer = json.loads(line)
            served = self._pending.pop(answer["id"])
        except (ValueError, KeyError, TypeError):
            self.strange_lines.append(line)  # a ready line, or whatever else a hub prints
            return
        served.ended_at, served.answer = now, answer
        served.answered.open()

    def end(self) -> None:
        """Close the hub's input, which tells it to finish, and wait until it has gone."""
        self.ended = True
        self.process.close_stdin()
        self.process.wait(STOP_GRACE)


def _metrics_answer(target: HubTarget, metrics_port: int) -> bool:
    """What there is to see of a hub that listens nowhere else: its counters, where it has any."""
    return not target.takes("{metrics_port}") or answers(metrics_url(metrics_port))


def metrics_url(port: int) -> str:
    """Where a hub's counters are read."""
    return f"http://127.0.0.1:{port}/metrics"
