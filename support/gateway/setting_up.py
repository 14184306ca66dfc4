"""Givens: a gateway as the scenario wants it, its providers, and the clients that are there when it begins."""

from support.gateway import circuit, counting, speed
from support.gateway.conditions import Conditions
from support.gateway.party import Party
from support.gateway.talk import add_link, let_in, let_in_many
from support.gateway.world import GatewayWorld
from support.kit.canary import new_token


def set_up(world: GatewayWorld, wanted: Conditions) -> None:
    """The gateway runs and is as the scenario wants it."""
    world.ask_for(wanted.settings)
    if wanted.token_length is not None:
        circuit.require_own_token(world)
        world.token = new_token(wanted.token_length)
    if wanted.start and wanted.token_length is None:
        world.take_ahead(wanted.provider + wanted.second_provider)
    if wanted.provider:
        world.add_provider("first")
    if wanted.second_provider:
        world.add_provider("second")
    if not wanted.start:
        circuit.require_own_token(world)
        return
    world.start()
    if wanted.echo:
        speed.start_echo(world)
    if wanted.trouble:
        world.provider.plant(wanted.trouble)
    if wanted.figures_known or (not world.target.launches and world.gateway.metrics_url is not None):
        counting.note_figures(world)


def admit(world: GatewayWorld, party: Party) -> None:
    """Let the clients in."""
    for name in party.names:
        if party.behind_links:
            add_link(world, name)
        let_in(world, name)
    if party.names:
        world.speaking = party.names[0]
    if party.count:
        let_in_many(world, party.count)


def set_up_with(world: GatewayWorld, party: Party, wanted: Conditions) -> None:
    """A gateway and its clients; a breaker that is to be open is opened by the first of them."""
    set_up(world, wanted)
    admit(world, party)
    if wanted.breaker_open:
        circuit.open_breaker(world, wanted.breaker_open)
