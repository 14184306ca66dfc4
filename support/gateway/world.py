"""Everything that one scenario of the gateway slice remembers, and the one place where it is ended."""

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, field

from support.gateway.agreement import written
from support.gateway.asking import Asker
from support.gateway.client import Client
from support.gateway.frames import Call
from support.gateway.load import Answered
from support.gateway.party import THE_CLIENT
from support.gateway.provider import Provider, ProviderProgram
from support.gateway.running import Plan, RunningGateway, run_to_end, start_gateway
from support.gateway.spare import Starting, Wish, spares, take, wanted_by
from support.gateway.target import GatewayTarget
from support.kit.canary import new_token
from support.kit.coming import foretold
from support.kit.errors import DeclinedError, PromiseBrokenError
from support.kit.evidence import Evidence
from support.kit.latency import Samples
from support.kit.loop import LoopThread, the_loop
from support.kit.metrics import Scrape
from support.kit.ports import lease_port
from support.kit.proxy import Proxy
from support.kit.slice import RunSettings
from support.kit.wire import WireLog

PARTING_LIMIT = 10.0
"""Seconds for all clients to leave at the end of a scenario."""
HOST = "127.0.0.1"


@dataclass
class GatewayWorld:
    """One scenario's actors and what they did."""

    target: GatewayTarget
    settings: RunSettings
    evidence: Evidence
    loop: LoopThread
    wire: WireLog
    resources: ExitStack
    ask: Asker
    token: str = field(default_factory=new_token, repr=False)
    asked: dict[str, str] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    running: RunningGateway | None = None
    clients: dict[str, Client] = field(default_factory=dict)
    opened: list[Client] = field(default_factory=list)
    links: dict[str, Proxy] = field(default_factory=dict)
    speaking: str = THE_CLIENT
    calls: list[Call] = field(default_factory=list)
    expected: dict[Call, str] = field(default_factory=dict)
    slow: list[Call] = field(default_factory=list)
    under_way: list[Call] = field(default_factory=list)
    group: list[Client] = field(default_factory=list)
    told: dict[str, Call] = field(default_factory=dict)
    status: int | None = None
    provider_ports: tuple[int, int] = (0, 0)
    programs: dict[str, ProviderProgram] = field(default_factory=dict)
    echo_url: str = ""
    echoed: list[Answered] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    timings: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    figures: Scrape | None = None
    exit_code: int | None = None
    states: list[str] = field(default_factory=list)
    reached_at_opening: dict[str, int] = field(default_factory=dict)
    moments: dict[str, float] = field(default_factory=dict)
    _cancelling: list[Call] = field(default_factory=list)

    @property
    def gateway(self) -> RunningGateway:
        """The gateway that runs."""
        assert self.running is not None, "only scenarios that have started it say this"
        return self.running

    @property
    def client(self) -> Client:
        """The client that spoke last."""
        return self.clients[self.speaking]

    @property
    def cancelling(self) -> Call:
        """The request to cancel a call."""
        return self._cancelling[-1]

    @cancelling.setter
    def cancelling(self, call: Call) -> None:
        self._cancelling.append(call)

    @property
    def call(self) -> Call:
        """The last call of the When."""
        return self.calls[-1]

    @property
    def provider(self) -> Provider:
        """The gateway's first provider."""
        return self.providers["first"]

    def agreed(self, setting: str) -> float:
        """The value of a setting in this scenario. DeclinedError where only the gateway knows it."""
        value = self.asked.get(setting, self.target.agreed[setting])
        if value is None:
            raise DeclinedError(f"the profile does not say what the gateway's {setting} is")
        return float(value)

    def ask_for(self, settings: dict[str, str]) -> None:
        """The gateway is to run with these settings. DeclinedError where the target cannot have them."""
        for name, value in settings.items():
            if reason := self.target.can(name, value):
                raise DeclinedError(reason)
            self.asked[name] = value

    def add_provider(self, which: str) -> Provider:
        """A provider, `first` or `second`, and the link to it. DeclinedError where the suite cannot put one there."""
        need = "provider" if which == "first" else "second_provider"
        if reason := self.target.missing(need):
            raise DeclinedError(reason)
        name = self.target.provider_names[0 if which == "first" else 1]
        port = self.provider_ports[0 if which == "first" else 1]
        program = self.programs.get(which) or ProviderProgram(
            name, self.evidence.log_path(f"provider-{which}.log"), self.resources
        )
        self.providers[which] = Provider(self.loop, program, self.wire, self.resources, port)
        return self.providers[which]

    def take_ahead(self, providers: int) -> None:
        """Take the gateway that was started ahead as this scenario wants it, with so many providers, if there is one."""
        if self.target.ahead:
            ahead = take(Wish(self.target, self.changed(), providers), self.evidence, self.resources)
            if ahead is not None:
                self.running, self.token, self.provider_ports = ahead.gateway, ahead.gateway.token, ahead.ports
                self.programs = dict(zip(("first", "second"), ahead.programs, strict=False))

    def start(self) -> None:
        """Start the gateway (or find the one that runs) and its providers, side by side; all of them are ready then."""
        if self.running is None:
            self.running = start_gateway(self.target, self.plan(), self.evidence, self.resources, self.settings.patience)
        if self.target.ahead:
            spares.prepare(self._coming(), Starting(self.evidence.folder.parent, self.settings.patience))
        for provider in self.providers.values():
            provider.wait_ready(self.settings.patience)
        self.running.wait_ready()
        self.resources.callback(self._part)

    def run_to_end(self, within: float) -> int:
        """Start a gateway that is to refuse it; its exit code."""
        return run_to_end(self.target, self.plan(), self.evidence, self.resources, within * self.settings.patience)

    def changed(self) -> dict[str, str]:
        """The settings that the scenario wants otherwise than they are agreed, and that the target can be given."""
        return self._changed(self.asked)

    def plan(self) -> Plan:
        """What the gateway is told. A provider that the scenario has no use for is an address where nobody listens."""
        settings = self.changed()
        addresses = [
            self.providers[which].address if which in self.providers else f"{HOST}:{self.new_port()}"
            for which in ("first", "second")
        ]
        return Plan(settings, self.token, *addresses)

    def new_client(self, name: str | None = None, source: str | None = None) -> Client:
        """A client that has not connected yet. Without a name: one of many."""
        number = len(self.opened) + 1
        client = Client(self.loop, name or f"client {number}", self.wire, number, source)
        self.opened.append(client)
        if name is not None:
            self.clients[name] = client
            self.speaking = name
        return client

    def new_port(self) -> int:
        """A port that nobody else uses, held for the scenario."""
        return self.resources.enter_context(lease_port()).port

    def fall_short(self, promised: str, seen: str) -> None:
        """A bound that depends on the machine was missed: a warning, or PromiseBrokenError where timing is strict."""
        if self.settings.timing_strict:
            raise PromiseBrokenError(promised, seen)
        self.evidence.warn(f"{promised}: {seen}")

    def _changed(self, asked: dict[str, str]) -> dict[str, str]:
        mapped = {name: value for name, value in asked.items() if name in self.target.settings}
        return {name: value for name, value in mapped.items() if written(name, value) != self.target.agreed[name]}

    def _coming(self) -> list[Wish]:
        """What the next scenarios will want."""
        return [
            Wish(self.target, self._changed(wanted.settings), wanted.provider + wanted.second_provider)
            for wanted in map(wanted_by, foretold())
            if wanted is not None
        ]

    def _part(self) -> None:
        async def leave() -> None:
            await asyncio.gather(*(client.leave() for client in self.opened))

        self.loop.call(leave(), PARTING_LIMIT)

    def audit(self) -> None:
        """Raise where the gateway has died."""
        if self.running is not None and self.exit_code is None:
            self.running.require_alive("at the end of the scenario")

    def close(self) -> None:
        """End clients, links, gateway and providers, last in first out; every one is ended, whatever goes wrong with another."""
        self.resources.close()


def open_world(target: GatewayTarget, settings: RunSettings, evidence: Evidence, latency: Samples) -> GatewayWorld:  # noqa: ARG001 (the latency report is another slice's)
    """A fresh world for one scenario."""
    world = GatewayWorld(
        target=target, settings=settings, evidence=evidence, loop=the_loop(), wire=evidence.open_wire(),
        resources=ExitStack(), ask=Asker(target.tools),
    )  # fmt: skip
    if not target.launches:
        world.token = target.token or ""
    return world
