"""A program in a container: started with a log and nothing that it does not need, awaited, paused, killed, and removed."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import Self

from support.kit.deadline import Deadline, Latch, start_thread
from support.kit.engine import Engine, EngineError, telling, the_engine
from support.kit.errors import VoidError
from support.kit.network import Network
from support.kit.process_log import tail_since, text_since

HOST = "127.0.0.1"
NOBODY = "65534:65534"
"""User and group by number: an image need not know them by name."""
MEMORY = "128m"
PIDS = 64
TMPFS = "rw,noexec,nosuid,nodev,size=16m,mode=1777"
NO_DNS = "127.0.0.1"
"""Nobody answers there: nobody outside is asked for a name that the network does not know."""
DNS_PATIENCE = ["timeout:1", "attempts:1"]
"""Such a name is unknown after a second (resolv.conf(5))."""
LIMIT = 5.0
"""Seconds until the end of a container is seen by its log."""
LOOK = 0.02
FREEZES = 5
"""Times that the engine is asked to pause a container."""


class ContainerError(EngineError):
    """A container did not do what was asked of it."""


class ContainerDiedError(ContainerError):
    """The container's program has ended while it was still needed."""


class ContainerNotReadyError(ContainerError):
    """The program runs, but was not ready in time."""


class Container:
    """Made by run(). A context manager: leaving it removes the container, however it is."""

    def __init__(self, engine: Engine, identity: str, name: str, full_name: str, log: Path, network: Network | None) -> None:
        self.id = identity
        self.name = name
        self.full_name = full_name
        """In the engine, and for others in the same network."""
        self.log = log
        self._engine = engine
        self._network = network
        self._log_begin = 0
        self._ended = Latch()
        self._log_error: Exception | None = None
        self._ports: dict[int, int] = {}
        self._removed = False

    @classmethod
    def run(
        cls,
        image: str,
        *,
        name: str,
        log: Path,
        command: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        ports: Sequence[int] = (),
        network: Network | None = None,
        alias: str | None = None,
        tmpfs: Sequence[str] = ("/tmp",),
        user: str | None = NOBODY,
        memory: str = MEMORY,
        pids: int = PIDS,
    ) -> "Container":
        """Start `command`, or what the image says, as `user` (None: the image's), on a read-only root without any capability.

        ports: TCP ports inside that are published on 127.0.0.1, see port(). network, alias: where it is and how others find it
        there; without one it is on the engine's own bridge if it publishes ports, and else alone. tmpfs: folders that it may
        write to. memory: what it may use, without swap; pids: how many processes. All that it says goes to `log`. EngineError
        says what the engine refuses.
        """
        engine = the_engine()
        api = engine.api
        full_name = engine.name(name)
        try:
            with telling(f"start {name} from the image {image}"):
                limits = api.create_host_config(
                    read_only=True,
                    cap_drop=["ALL"],
                    security_opt=["no-new-privileges"],
                    mem_limit=memory,
                    memswap_limit=memory,
                    pids_limit=pids,
                    tmpfs=dict.fromkeys(tmpfs, TMPFS),
                    port_bindings={f"{port}/tcp": (HOST, None) for port in ports},
                    network_mode=network.name if network else "bridge" if ports else "none",
                    dns=[NO_DNS],
                    dns_opt=DNS_PATIENCE,
                )
                made = api.create_container(
                    image,
                    command=list(command) or None,
                    name=full_name,
                    user=user,
                    environment=dict(env or {}),
                    ports=[(port, "tcp") for port in ports],
                    labels=engine.labels,
                    host_config=limits,
                    networking_config=network.endpoint(alias) if network else None,
                )
            container = cls(engine, made["Id"], name, full_name, log, network)
            container._start()
        except BaseException:
            # Nobody gets a handle, so nobody else could remove what was or is just being made.
            engine.remove_container(full_name)
            raise
        return container

    @property
    def alive(self) -> bool:
        """Whether its program runs; a paused one does."""
        return not self._ended.is_open

    @property
    def returncode(self) -> int | None:
        """The exit code, 128 and more for a signal, None while it runs."""
        state = self._look("State")
        return None if state["Running"] else int(str(state["ExitCode"]))

    def port(self, inside: int) -> int:
        """Where the port `inside` is published on 127.0.0.1: elsewhere after each start(). KeyError for one that is not."""
        return self._ports[inside]

    @property
    def ip(self) -> str:
        """Its address in its network; from this machine it can be reached there on Linux only. EngineError: it has none."""
        found = self._look("NetworkSettings")["Networks"]
        assert isinstance(found, dict), "the engine tells an object"
        wanted = self._network.name if self._network is not None else "bridge"
        address = found.get(wanted, {}).get("IPAddress")
        if not address:
            raise ContainerError(f"{self.name} has no address in the network {wanted}")
        return str(address)

    def wait_ready(self, ready: Callable[[], bool], within: float | Deadline, what: str) -> None:
        """Poll `ready` until it is true, once more when the time is up; its exceptions get out.

        ContainerDiedError when the program ends first, ContainerNotReadyError naming `what` when the time is up.
        """
        deadline = Deadline.of(within)
        while True:
            last = deadline.expired
            is_ready = ready()
            if not self.alive:
                raise ContainerDiedError(self._tell(f"{self._end_text()} before it was ready ({what})"))
            if is_ready:
                return
            if last:
                raise ContainerNotReadyError(self._tell(f"not ready within {deadline.seconds:g} s: {what}"))
            self._ended.wait(min(LOOK, deadline.remaining))

    def wait(self, within: float | Deadline) -> int:
        """Wait for the end and return the exit code; all that it said is in the log then. ContainerError when it still runs."""
        deadline = Deadline.of(within)
        if not self._ended.wait(deadline):
            raise ContainerError(self._tell(f"still runs after {deadline.seconds:g} s"))
        code = self.returncode
        while code is None and not deadline.expired:  # the log ends a little before the engine has noted the end
            sleep(LOOK)
            code = self.returncode
        if code is None:
            raise ContainerError(self._tell("its output has ended, and still it runs"))
        return code

    def require_alive(self, since: str = "") -> None:
        """ContainerDiedError unless its program still runs; `since` says when it was last known to."""
        if not self.alive:
            raise ContainerDiedError(self._tell(f"{self._end_text()}{since and f' since {since}'}"))

    def pause(self) -> None:
        """All its processes stand still when this returns. VoidError when they do not run, or stand still already."""
        self._void_unless(lambda state: bool(state["Running"]) and not state["Paused"], "pause")
        with telling(f"pause {self.name}"):
            self._freeze()

    def _freeze(self) -> None:
        """On a busy machine the engine may give up freezing, and lets all go on: it is asked again."""
        from docker.errors import APIError  # type: ignore[import-untyped]

        for left in reversed(range(FREEZES)):
            try:
                self._engine.api.pause(self.id)
            except APIError as error:
                if not left or "unable to freeze" not in str(error.explanation):
                    raise
            else:
                return

    def unpause(self) -> None:
        """They go on. VoidError when they were not paused."""
        self._void_unless(lambda state: bool(state["Paused"]), "go on")
        with telling(f"unpause {self.name}"):
            self._engine.api.unpause(self.id)

    def kill(self, signal: str = "SIGKILL") -> None:
        """A signal to its program; by SIGKILL it has ended when this returns. VoidError when it does not run."""
        self._void_unless(lambda state: bool(state["Running"]), "be killed")
        with telling(f"send {signal} to {self.name}"):
            self._engine.api.kill(self.id, signal)
        if signal == "SIGKILL":
            self.wait(LIMIT)

    def stop(self, grace: float = 2.0) -> int:
        """TERM, up to `grace` seconds (rounded up) to end, then KILL; the exit code. It can be started again."""
        with telling(f"stop {self.name}"):
            if self._look("State")["Paused"]:
                self._engine.api.unpause(self.id)
            self._engine.api.stop(self.id, timeout=ceil(grace))
        return self.wait(LIMIT)

    def start(self) -> None:
        """Again, after its end: on other ports, with empty tmpfs, the same log. VoidError while it runs."""
        self._void_unless(lambda state: not state["Running"], "be started")
        self._start()

    def logged(self) -> str:
        """All that it has said since its last start, as far as it is here."""
        return text_since(self.log, self._log_begin)

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of it."""
        return tail_since(self.log, self._log_begin, lines)

    def remove(self) -> None:
        """Ended at once, and gone. Nothing happens the second time. ContainerError when its log could not be written."""
        if self._removed:
            return
        self._engine.remove_container(self.id)
        self._removed = True
        if not self._ended.wait(LIMIT):
            raise ContainerError(f"{self.name} is removed, but its log does not end")
        if self._log_error is not None:
            raise ContainerError(f"the log of {self.name} is not whole: {self._log_error}") from self._log_error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.remove()

    def _start(self) -> None:
        self._log_begin = self.log.stat().st_size if self.log.exists() else 0
        self._ended = Latch()
        with telling(f"start {self.name}"):
            # Before the start: so nothing that it says is missed, or written twice.
            said = self._engine.api.attach(self.id, stdout=True, stderr=True, stream=True, logs=False)
            start_thread(threading.Thread(target=self._keep_log, args=(said, self._ended), name=f"{self.name} log", daemon=True))
            self._engine.api.start(self.id)
        published = self._look("NetworkSettings")["Ports"]
        assert isinstance(published, dict), "the engine tells an object"
        self._ports = {int(inside.split("/")[0]): int(places[0]["HostPort"]) for inside, places in published.items() if places}

    def _keep_log(self, said: Iterator[bytes], ended: Latch) -> None:
        # Whatever fails, reading goes on: its end is how the end of the program is seen.
        try:
            with self.log.open("ab", buffering=0) as log:
                for data in said:
                    log.write(data)
        except Exception as error:  # noqa: BLE001 - told by remove(): nobody sees an exception in this thread
            self._log_error = error
            for _ in said:
                continue
        finally:
            ended.open()

    def _look(self, part: str) -> dict[str, object]:
        with telling(f"look at {self.name}"):
            found: dict[str, object] = self._engine.api.inspect_container(self.id)[part]
        return found

    def _void_unless(self, fits: Callable[[dict[str, object]], bool], what: str) -> None:
        state = self._look("State")
        if not fits(state):
            raise VoidError(self._tell(f"cannot {what}: it is {state['Status']}"))

    def _end_text(self) -> str:
        state = self._look("State")
        out_of_memory = ", out of memory" if state["OOMKilled"] else ""
        return f"ended with exit code {state['ExitCode']}{out_of_memory}"

    def _tell(self, what: str) -> str:
        return f"{self.name} (container {self.full_name}) {what}; its log ends:\n{self.log_tail()}"
