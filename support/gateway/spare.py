"""A gateway that is started ahead: while one scenario goes on, the one of the next gets ready beside it.

Every scenario has a gateway of its own all the same, fresh and used by nobody before. Starting one takes as long as most of
the scenarios; on a second core it costs nobody anything. Only for a target that says that two of it may run at once, and
only as its agreed values have it: a scenario that asks for other settings starts its own.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from support.gateway.running import HOST, LOG, LaunchedGateway, Plan
from support.gateway.target import GatewayTarget
from support.kit.at_end import at_end_of_run
from support.kit.evidence import Evidence
from support.kit.ports import lease_port

WAITING_LOG = ".next-gateway-{}.log"


@dataclass
class Ahead:
    """A gateway on its way. `ports`: where it looks for its providers, in order; `resources` end all of it."""

    gateway: LaunchedGateway
    ports: tuple[int, int]
    resources: ExitStack
    log: Path


class Spares:
    """At most one gateway ahead, for one target."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._ahead: Ahead | None = None
        self._target: GatewayTarget | None = None

    def take(self, target: GatewayTarget, evidence: Evidence, resources: ExitStack) -> Ahead | None:
        """The gateway ahead, which is the scenario's from now on, with its log; None where there is none, or it has ended."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return None
        if self._target is not target or not ahead.gateway.running:
            ahead.resources.close()
            return None
        resources.push(ahead.resources)
        evidence.hide(ahead.gateway.token)
        ahead.gateway.log_to(ahead.log.replace(evidence.log_path(LOG)))
        return ahead

    def prepare(self, target: GatewayTarget, token: str, folder: Path, patience: float) -> None:
        """Start the next one and return at once. `folder`: where its log waits for it."""
        if self._ahead is not None and self._target is target:
            return
        self.drop()
        at_end_of_run(self.drop)
        self._target = target
        log = folder / WAITING_LOG.format(next(self._numbers))
        with ExitStack() as undo:
            undo.callback(log.unlink, missing_ok=True)
            ports = tuple(undo.enter_context(lease_port()).port for _ in range(2))
            plan = Plan({}, token, *(f"{HOST}:{port}" for port in ports))
            gateway = LaunchedGateway(target, plan, log, undo, patience)
            self._ahead = Ahead(gateway, (ports[0], ports[1]), undo.pop_all(), log)

    def drop(self) -> None:
        """End the one that waits, if any."""
        ahead, self._ahead, self._target = self._ahead, None, None
        if ahead is not None:
            ahead.resources.close()


spares = Spares()
