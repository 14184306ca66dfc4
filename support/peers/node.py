"""A node's program: started in a folder of its own, ended, killed, started again."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from support.kit.errors import DeadlineExceededError, DeclinedError, PromiseBrokenError
from support.kit.process import ManagedProcess, ProcessDiedError, ProcessNotReadyError
from support.kit.readiness import answers, look_at
from support.kit.wire import WireLog
from support.peers.rest import Rest

if TYPE_CHECKING:
    from support.peers.target import ChargersTarget

HOST = "127.0.0.1"
END_LIMIT = 5.0
"""Seconds in which a node that is told to end has ended (contract)."""
QUICK = 0.5
"""Seconds that it has at the end of a scenario."""


class Node:
    """One node. `values` fill the target's placeholders; `config`: what it is set to at its start."""

    def __init__(
        self, target: "ChargersTarget", values: dict[str, str], config: Sequence[tuple[str, str]], log: Path,
        wire: WireLog | None, patience: float, *, named: bool = True,
    ) -> None:  # fmt: skip
        argv = target.node_argv(values) if named else target.nameless_argv(values)
        if argv is None:
            raise DeclinedError("the profile's node is always given a name")
        self._argv = argv
        self.port = int(values["port"])
        self.folder = Path(values["workdir"])
        self.host = target.host(values)
        self.rest = Rest(f"http://{HOST}:{self.port}", values["hostname"], wire)
        self.log = log
        self.ended_on_purpose = False
        self._target = target
        self._values = values
        self._config = list(config)
        self._patience = patience
        self.process = self._spawn()

    def wait_ready(self) -> None:
        """ProcessDiedError or ProcessNotReadyError where it is not ready in its time."""
        look = look_at(self._target.ready, port=self._answers, logged=self.process.logged, values=self._values)
        self.process.wait_ready(look, self._target.start_timeout * self._patience, f"the node to answer at port {self.port}")

    def end(self) -> None:
        """Told to end. PromiseBrokenError where it has not within the agreed time."""
        self.ended_on_purpose = True
        self.process.terminate()
        try:
            self.process.wait(END_LIMIT)
        except DeadlineExceededError as error:
            raise PromiseBrokenError(f"a charger that is told to end has ended within {END_LIMIT:g} s", str(error)) from error

    def die(self) -> None:
        """Killed, without a word to anybody."""
        self.ended_on_purpose = True
        self.process.stop(grace=0.0)

    def start_again(self) -> None:
        """The same node in the same folder; ready when this returns. PromiseBrokenError where it is not in its time."""
        self.process.stop()
        self.process = self._spawn()
        try:
            self.wait_ready()
        except (
            ProcessDiedError,
            ProcessNotReadyError,
        ) as error:  # it could be started before
            raise PromiseBrokenError("a charger that is started again in its folder answers", str(error)) from error
        self.ended_on_purpose = False

    def stop(self) -> None:
        """The scenario is over."""
        self.process.stop(grace=QUICK)

    def require_alive(self) -> None:
        """ProcessDiedError where it has ended."""
        self.process.require_alive("at the end of the scenario")

    def log_to(self, log: Path) -> None:
        """Move its log there, under it: it goes on writing to it."""
        self.log = self.process.log = self.log.replace(log)

    def _answers(self) -> bool:
        return answers(f"{self.rest.base}/config", 200)

    def _spawn(self) -> ManagedProcess:
        config = [text for key, value in self._config for text in self._target.set_config(key, value)]
        return ManagedProcess.start(
            [*self._argv, *config], name=f"node {self._values['hostname']}", log=self.log,
            env=self._target.node_env(self._values), cwd=self.folder,
        )  # fmt: skip
