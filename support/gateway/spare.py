"""Gateways that are started ahead: while one scenario goes on, those of the next get ready beside it.

Every scenario has a gateway of its own all the same, fresh and used by nobody before. Starting one takes as long as most of
the scenarios; on a second core it costs nobody anything. Only for a target that says that two of it may run at once, and
only as its agreed values have it: a scenario that asks for other settings starts its own.
"""

from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from support.gateway.running import HOST, LOG, LaunchedGateway, Plan
from support.gateway.target import GatewayTarget
from support.gateway.token import new_token
from support.kit.at_end import at_end_of_run
from support.kit.evidence import Evidence
from support.kit.ports import lease_port

MOST = 2
"""One for each core of a small machine."""
WAITING_LOG = ".next-gateway-{}.log"


@dataclass
class Ahead:
    """A gateway on its way. `ports`: where it looks for its providers, in order; `resources` end all of it."""

    gateway: LaunchedGateway
    ports: tuple[int, int]
    resources: ExitStack
    log: Path


class Spares:
    """At most `MOST` gateways ahead, for one target."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._ahead: deque[Ahead] = deque()
        self._target: GatewayTarget | None = None

    def take(self, target: GatewayTarget, evidence: Evidence, resources: ExitStack) -> Ahead | None:
        """The one that waits longest, which is the scenario's from now on, with its log. None where there is none.

        One that has ended meanwhile is not handed out.
        """
        while self._target is target and self._ahead:
            ahead = self._ahead.popleft()
            if ahead.gateway.running:
                resources.push(ahead.resources)
                evidence.hide(ahead.gateway.token)
                ahead.gateway.log_to(ahead.log.replace(evidence.log_path(LOG)))
                return ahead
            ahead.resources.close()
        return None

    def prepare(self, target: GatewayTarget, folder: Path, patience: float) -> None:
        """Start as many as are missing and return at once. `folder`: where their logs wait for them."""
        if self._target is not target:
            self.drop()
            at_end_of_run(self.drop)
            self._target = target
        while len(self._ahead) < MOST:
            self._ahead.append(self._start(target, folder, patience))

    def drop(self) -> None:
        """End those that wait."""
        self._target = None
        with ExitStack() as closing:
            while self._ahead:
                closing.push(self._ahead.popleft().resources)

    def _start(self, target: GatewayTarget, folder: Path, patience: float) -> Ahead:
        log = folder / WAITING_LOG.format(next(self._numbers))
        with ExitStack() as undo:
            undo.callback(log.unlink, missing_ok=True)
            ports = undo.enter_context(lease_port()).port, undo.enter_context(lease_port()).port
            plan = Plan({}, new_token(), *(f"{HOST}:{port}" for port in ports))
            gateway = LaunchedGateway(target, plan, log, undo, patience)
            return Ahead(gateway, ports, undo.pop_all(), log)


spares = Spares()
