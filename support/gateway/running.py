"""A gateway under test while it runs: a process that the suite started, or one somewhere else that it may only talk to.

Starting only spawns: several programs of a scenario start side by side, and each is awaited when it is needed.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from support.gateway.protocol import MIN_TOKEN
from support.kit.canary import token_file
from support.kit.control import ControlError, ControlProgram
from support.kit.deadline import Deadline, eventually
from support.kit.errors import DeadlineExceededError, DeclinedError, InfrastructureError, PromiseBrokenError
from support.kit.evidence import Evidence
from support.kit.ports import lease_port
from support.kit.process import ManagedProcess
from support.kit.readiness import accepts, look_at

if TYPE_CHECKING:
    from support.gateway.target import GatewayTarget

HOST = "127.0.0.1"
LOG = "gateway.log"
CONTROL_LOG = "control.log"
TOKEN_VARIABLE = "GATEWAY_TOKEN"
QUICK = 0.3
"""Seconds for a gateway to end by itself when its scenario is over."""
END_LIMIT = 10.0
"""Seconds until a gateway that a profile's `control` has stopped must have left its port."""


class GatewayUnreachableError(InfrastructureError):
    """A gateway that should run already does not answer."""


@dataclass(frozen=True)
class Plan:
    """How a scenario wants its gateway. Settings by the contract's names; providers as host:port."""

    settings: Mapping[str, str]
    token: str = field(repr=False)
    provider_a: str
    provider_b: str


class RunningGateway:
    """What a scenario holds of its gateway. `metrics_url` and `health_url` are None where it has none.

    process: None for a gateway that runs already. token: what gets a client in.
    """

    url: str
    token: str
    metrics_url: str | None
    health_url: str | None
    process: ManagedProcess | None

    def wait_ready(self) -> None:
        """ProcessDiedError (with its log) or ProcessNotReadyError; GatewayUnreachableError for one that runs already."""
        raise NotImplementedError

    def pid_tree(self) -> set[int]:
        """The gateway's processes; empty where the suite does not see them."""
        return self.process.tree_pids() if self.process is not None else set()

    def ask_to_end(self) -> None:
        """Tell it to shut down, and return at once."""
        raise NotImplementedError

    def wait_ended(self, within: float) -> int | None:
        """The exit code, None where there is none to see. PromiseBrokenError when it has not ended `within` seconds."""
        raise NotImplementedError

    def stop(self) -> None:
        """The scenario is over: end what it started, start what it ended."""
        raise NotImplementedError

    def restart(self) -> None:
        """The same gateway anew, at the same place and with the same plan; ready when this returns."""
        raise NotImplementedError

    def require_alive(self, when: str) -> None:
        """Raise where it has gone `when` it was needed. Nothing for one that was asked to end."""
        raise NotImplementedError


def _still_there(within: float, seen: str) -> PromiseBrokenError:
    return PromiseBrokenError(f"a gateway that is told to shut down has ended within {within:g} s", seen)


class LaunchedGateway(RunningGateway):
    """A gateway that the suite started."""

    def __init__(self, target: "GatewayTarget", plan: Plan, log: Path, resources: ExitStack, patience: float) -> None:
        self._target = target
        self._patience = patience
        self._log = log
        self._asked_to_end = False
        self._port = resources.enter_context(lease_port()).port
        self._metrics_port = resources.enter_context(lease_port()).port if target.mentions("{metrics_port}") else None
        self.token = plan.token
        self.url = f"ws://{HOST}:{self._port}"
        self.metrics_url = self._http("metrics")
        self.health_url = self._http("health")
        values = {
            "port": str(self._port),
            "metrics_port": str(self._metrics_port),
            "token": plan.token,
            "token_file": token_file(plan.token, resources) if target.mentions("{token_file}") else "",
            "provider_a": plan.provider_a,
            "provider_b": plan.provider_b,
        }
        self._values = values
        self._argv = target.command_line(values, plan.settings)
        self._env = target.environment(values)
        if not (target.mentions("{token}") or target.mentions("{token_file}")):
            self._env[TOKEN_VARIABLE] = plan.token
        self.process = self._spawn()
        resources.callback(self.stop)

    def wait_ready(self) -> None:
        process = self._process()
        look = look_at(self._target.ready, port=self._all_accept, logged=process.logged, values=self._values)
        process.wait_ready(look, self._target.start_timeout * self._patience, self._readiness())

    def ask_to_end(self) -> None:
        self._asked_to_end = True
        self._process().terminate()

    def wait_ended(self, within: float) -> int | None:
        try:
            return self._process().wait(within)
        except DeadlineExceededError as error:
            raise _still_there(within, str(error)) from error

    def stop(self) -> None:
        self._process().stop(grace=QUICK)

    def restart(self) -> None:
        self._process().stop()
        self.process = self._spawn()
        self._asked_to_end = False
        self.wait_ready()

    def require_alive(self, when: str) -> None:
        if not self._asked_to_end:
            self._process().require_alive(when)

    @property
    def running(self) -> bool:
        """Whether its process has not ended."""
        return self._process().alive

    def log_to(self, log: Path) -> None:
        """The log has been moved there, under its process, which goes on writing to it."""
        self._log = self._process().log = log

    @property
    def listens(self) -> bool:
        """Whether it accepts connections."""
        return accepts(HOST, self._port)

    def _spawn(self) -> ManagedProcess:
        return ManagedProcess.start(self._argv, name="gateway", log=self._log, env=self._env)

    def _process(self) -> ManagedProcess:
        assert self.process is not None, "spawned when this was made"
        return self.process

    def _http(self, path: str) -> str | None:
        return f"http://{HOST}:{self._metrics_port}/{path}" if self._metrics_port is not None else None

    def _ports(self) -> list[int]:
        """Where it must accept connections before it is of use."""
        over_http = self._metrics_port is not None and bool({"metrics", "health"} & self._target.capabilities)
        return [self._port, *([self._metrics_port] if over_http and self._metrics_port is not None else [])]

    def _all_accept(self) -> bool:
        return all(accepts(HOST, port) for port in self._ports())

    def _readiness(self) -> str:
        if self._target.ready == "port":
            return f"the gateway to accept connections on port {' and '.join(map(str, self._ports()))}"
        return "the gateway to be ready as the profile says"


class _Attached(RunningGateway):
    """A gateway that runs already. The suite tells it nothing but what the profile's `control` can do."""

    def __init__(self, target: "GatewayTarget", evidence: Evidence, resources: ExitStack, patience: float) -> None:
        assert target.url is not None, "an address has a url"
        assert target.token is not None, "an address has a token"
        self._target = target
        self._within = target.start_timeout * patience
        self._evidence = evidence
        self._ending: ControlProgram | None = None
        self._ended = False
        self.url, self.token = target.url, target.token
        self.metrics_url, self.health_url = target.metrics_url, target.health_url
        self.process = None
        parts = urlsplit(target.url)
        self._host, self._port = parts.hostname or "", parts.port or (443 if parts.scheme == "wss" else 80)
        resources.callback(self.stop)

    def wait_ready(self) -> None:
        deadline = Deadline(self._within)
        try:
            eventually(self._accepts, bool, deadline, f"a gateway accepts connections at {self._host}:{self._port}")
        except PromiseBrokenError as error:
            raise GatewayUnreachableError(f"no gateway at {self._host}:{self._port} within {self._within:g} s") from error

    def ask_to_end(self) -> None:
        self._ended = True
        self._ending = self._begin("stop")

    def wait_ended(self, within: float) -> int | None:
        try:
            self._wait_gone(within)
        except PromiseBrokenError as error:
            raise _still_there(within, f"{self._host}:{self._port} still accepts connections") from error
        self._end_control()
        return None

    def stop(self) -> None:
        if not self._ended:
            return
        self._end_control()
        self._run("start" if self._target.control.start else "restart")
        self._ended = False
        self.wait_ready()

    def restart(self) -> None:
        self._ended = True  # from here on stop() puts right whatever goes wrong
        if self._target.control.restart:
            self._run("restart")
        else:
            self._run("stop")
            try:
                self._wait_gone(END_LIMIT)
            except PromiseBrokenError as error:
                raise ControlError(f"control.stop has not ended the gateway at {self._host}:{self._port}") from error
            self._run("start")
        self._ended = False
        self.wait_ready()

    def require_alive(self, when: str) -> None:
        if not self._ended and not self._accepts():
            raise GatewayUnreachableError(f"the gateway accepts no connections at {self._host}:{self._port} {when}")

    def _accepts(self) -> bool:
        return accepts(self._host, self._port)

    def _wait_gone(self, within: float) -> None:
        eventually(lambda: not self._accepts(), bool, within, "the port refuses connections")

    def _run(self, way: str) -> None:
        """Run a program of the profile's `control` to its end."""
        self._ending = self._begin(way)
        self._end_control()

    def _begin(self, way: str) -> ControlProgram:
        return ControlProgram(way, getattr(self._target.control, way), self._evidence.log_path(CONTROL_LOG))

    def _end_control(self) -> None:
        program, self._ending = self._ending, None
        if program is not None:
            program.end()


def start_gateway(
    target: "GatewayTarget", plan: Plan, evidence: Evidence, resources: ExitStack, patience: float
) -> RunningGateway:
    """A gateway for one scenario, spawned or attached to; `resources` ends it. DeclinedError: it cannot be had as planned.

    The token is cut out of the evidence from now on.
    """
    for setting, value in plan.settings.items():
        if reason := target.can(setting, value):
            raise DeclinedError(reason)
    token = plan.token if target.launches else target.token or ""
    if len(token) >= MIN_TOKEN:
        evidence.hide(token)
    if target.launches:
        return LaunchedGateway(target, plan, evidence.log_path(LOG), resources, patience)
    return _Attached(target, evidence, resources, patience)


def run_to_end(target: "GatewayTarget", plan: Plan, evidence: Evidence, resources: ExitStack, within: float) -> int:
    """The exit code of a gateway that is to refuse its start. PromiseBrokenError when it still runs after `within` seconds."""
    if not target.launches:
        raise DeclinedError("a gateway that runs already is not started by the suite")
    gateway = start_gateway(target, plan, evidence, resources, patience=1.0)
    assert isinstance(gateway, LaunchedGateway), "the suite starts it"
    assert gateway.process is not None, "it was spawned"
    try:
        return gateway.process.wait(within)
    except DeadlineExceededError as error:
        seen = "it runs and accepts connections" if gateway.listens else "it still runs"
        gateway.stop()
        raise PromiseBrokenError(f"the gateway refuses to start within {within:g} s", seen) from error
