"""The emulator behind a board, started for a scenario: as a program, or in a container."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from support.kit.container import Container
from support.kit.later import do_later
from support.kit.ports import lease_port
from support.kit.process import ManagedProcess
from support.kit.readiness import answers
from support.peers.images import emulator_image

if TYPE_CHECKING:
    from support.peers.target import ChargersTarget

HOST = "127.0.0.1"
START_LIMIT = 10.0
"""Seconds until a board answers, scaled by patience."""
WEB_PORT, SERIAL_PORT = 8080, 8023
"""Inside a container."""


class BoardProgram:
    """An emulator that was started. `web` and `serial`: where its HTTP side and its serial line are."""

    web: tuple[str, int]
    serial: tuple[str, int]
    log: Path

    @property
    def url(self) -> str:
        """Of its HTTP side."""
        return f"http://{self.web[0]}:{self.web[1]}"

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        raise NotImplementedError

    def wait_ready(self, patience: float) -> None:
        """ProcessDiedError or ProcessNotReadyError, ContainerDiedError or ContainerNotReadyError where it does not answer."""
        raise NotImplementedError

    def follow(self, moved: Callable[[tuple[str, int]], None]) -> None:
        """`moved` is told where the serial line is, should that become known only later. From any thread."""

    def log_to(self, log: Path) -> None:
        """Move its log there, under it: it goes on writing to it."""
        raise NotImplementedError

    def ask_to_end(self) -> None:
        """It will be ended soon: it may begin."""
        raise NotImplementedError

    def require_alive(self) -> None:
        """ProcessDiedError or ContainerDiedError where it has ended."""
        raise NotImplementedError

    def _answers(self) -> bool:
        return answers(f"{self.url}/api/status", 200)


class ProcessBoard(BoardProgram):
    """As a program on this machine."""

    def __init__(self, target: "ChargersTarget", log: Path, resources: ExitStack) -> None:
        assert target.emulator_argv is not None, "only targets with a program come here"
        self.log = log
        self.web = (HOST, resources.enter_context(lease_port()).port)
        self.serial = (HOST, resources.enter_context(lease_port()).port)
        env = {**target.emulator_env, "WEB_PORT": str(self.web[1]), "SERIAL_MODE": "tcp", "SERIAL_TCP_PORT": str(self.serial[1])}
        self.process = ManagedProcess.start(target.emulator_argv, name="board", log=log, env=env)
        resources.callback(self.process.stop, 0.3)

    @property
    def running(self) -> bool:
        return self.process.alive

    def wait_ready(self, patience: float) -> None:
        self.process.wait_ready(self._answers, START_LIMIT * patience, "the board to answer")

    def log_to(self, log: Path) -> None:
        self.log = self.process.log = self.log.replace(log)

    def ask_to_end(self) -> None:
        self.process.terminate()

    def require_alive(self) -> None:
        self.process.require_alive("at the end of the scenario")


class DockedBoard(BoardProgram):
    """In a container. The engine takes its time, so it is started beside everything else: `web` and `serial` are known from
    wait_ready() on."""

    def __init__(self, target: "ChargersTarget", log: Path, resources: ExitStack) -> None:
        self.log = log
        log.touch()
        self.web = self.serial = (HOST, resources.enter_context(lease_port()).port)  # nobody is there
        self._target = target
        self._container: Container | None = None
        self._error: Exception | None = None
        self._lock = threading.Lock()
        self._moved: list[Callable[[tuple[str, int]], None]] = []
        self._thread = threading.Thread(target=self._start, name="start of a board", daemon=True)
        self._thread.start()
        resources.callback(do_later, self._remove)

    @property
    def container(self) -> Container:
        """Once it was started. Raises what kept it from that."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._container is not None, "started, or an error was kept"
        return self._container

    @property
    def running(self) -> bool:
        return self._thread.is_alive() or (self._container is not None and self._container.alive)

    def wait_ready(self, patience: float) -> None:
        self.container.wait_ready(self._answers, START_LIMIT * patience, "the board to answer")

    def log_to(self, log: Path) -> None:
        container = self.container  # started by now, and its log with it
        self.log = container.log = self.log.replace(log)

    def follow(self, moved: Callable[[tuple[str, int]], None]) -> None:
        with self._lock:
            self._moved.append(moved)
            if self._container is None:
                return
        moved(self.serial)

    def ask_to_end(self) -> None:
        """It is killed at its end, and keeps nothing."""

    def require_alive(self) -> None:
        self.container.require_alive("at the end of the scenario")

    def _start(self) -> None:
        env = {**self._target.emulator_env, "WEB_PORT": str(WEB_PORT), "SERIAL_MODE": "tcp", "SERIAL_TCP_PORT": str(SERIAL_PORT)}
        env.pop("PYTHONPATH", None)  # of this machine
        ports = (WEB_PORT, SERIAL_PORT)
        try:
            image = emulator_image(self._target)
            container = Container.run(image, name="board", log=self.log, env=env, ports=ports)
            with self._lock:
                self.web, self.serial = (HOST, container.port(WEB_PORT)), (HOST, container.port(SERIAL_PORT))
                self._container = container
                moved = list(self._moved)
            for tell in moved:
                tell(self.serial)
        except Exception as error:  # noqa: BLE001  # told to whoever asks for the container
            self._error = error

    def _remove(self) -> None:
        self._thread.join()
        if self._container is not None:
            self._container.remove()


def start_board_program(target: "ChargersTarget", log: Path, resources: ExitStack) -> BoardProgram:
    """As the target's runtime says; `resources` end it. It is not ready yet."""
    return DockedBoard(target, log, resources) if target.docked_boards else ProcessBoard(target, log, resources)
