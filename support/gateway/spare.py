"""Gateways that are started ahead, with their providers. Only for a target that says that two of it may run at once."""

import re
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from support.gateway.conditions import Conditions, parse_conditions
from support.gateway.provider import ProviderProgram
from support.gateway.running import HOST, LOG, LaunchedGateway, Plan
from support.gateway.target import GatewayTarget
from support.kit.canary import new_token
from support.kit.evidence import Evidence
from support.kit.ports import lease_port
from support.kit.spares import Spares

_WAITING_LOG = ".next-gateway-{}-{}.log"
_GATEWAY = re.compile(r"(?:.+? of )?a gateway(?: (.+))?")
_CLIENTS = re.compile(r"a client\b[^,]*(?:, each behind a link)?|a connected client|[\d,]+ clients|clients \"\w+\" and \"\w+\".*")


@dataclass(frozen=True)
class Wish:
    """What a scenario wants: the target with these settings, and so many providers."""

    target: GatewayTarget
    settings: dict[str, str]
    providers: int


@dataclass
class Ahead:
    """A gateway on its way. `ports`: where it looks for its providers, in order; `programs`: the providers themselves."""

    gateway: LaunchedGateway
    ports: tuple[int, int]
    programs: tuple[ProviderProgram, ...]
    log: Path

    @property
    def running(self) -> bool:
        """Whether nothing of it has ended."""
        return self.gateway.running and all(program.process.alive for program in self.programs)


spares: Spares[Wish, Ahead] = Spares()


def take(wish: Wish, evidence: Evidence, resources: ExitStack) -> Ahead | None:
    """One that was started ahead and is the scenario's from now on, with its logs. None where there is none."""
    ahead = spares.take(wish, lambda one: one.running, resources)
    if ahead is not None:
        evidence.hide(ahead.gateway.token)
        ahead.gateway.log_to(ahead.log.replace(evidence.log_path(LOG)))
        for which, program in zip(("first", "second"), ahead.programs, strict=False):
            program.log_to(program.log.replace(evidence.log_path(f"provider-{which}.log")))
    return ahead


def wanted_by(given: str) -> Conditions | None:
    """How a scenario that begins with this step wants its gateway. None where it wants none that could be started ahead."""
    if match := _GATEWAY.fullmatch(given):
        text = match[1] or ""
    elif _CLIENTS.fullmatch(given):
        text = ""
    else:
        return None
    try:
        wanted = parse_conditions(text)
    except ValueError:
        return None
    return wanted if wanted.start and wanted.token_length is None else None


class Starting:
    """Starts gateways whose logs wait in `folder`."""

    _numbers = count(1)

    def __init__(self, folder: Path, patience: float) -> None:
        self._folder = folder
        self._patience = patience

    def __call__(self, wish: Wish, resources: ExitStack) -> Ahead:
        """Start it and return at once."""
        number = next(self._numbers)
        ports = resources.enter_context(lease_port()).port, resources.enter_context(lease_port()).port
        programs = tuple(
            ProviderProgram(name, self._log(f"provider-{name}", number, resources), resources)
            for name in wish.target.provider_names[: wish.providers]
        )
        log = self._log("gateway", number, resources)
        plan = Plan(wish.settings, new_token(), *(f"{HOST}:{port}" for port in ports))
        return Ahead(LaunchedGateway(wish.target, plan, log, resources, self._patience), ports, programs, log)

    def _log(self, what: str, number: int, resources: ExitStack) -> Path:
        path = self._folder / _WAITING_LOG.format(what, number)
        resources.callback(path.unlink, missing_ok=True)
        return path
