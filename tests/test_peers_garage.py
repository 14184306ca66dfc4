"""Chargers on a network of their own: what they must list, and that a fault which did not happen proves nothing."""

import pytest
from little_node import Says, entry
from peers_parts import broken, impatient, littles, void  # noqa: F401

from support.kit.errors import DeclinedError
from support.kit.partition import Partition
from support.peers import garage
from support.peers.garage import Garage

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def four(tmp_path):
    with littles(tmp_path, 4) as (world, nodes):
        yield world, nodes


def seen(nodes, *halves):
    """What each lists while the network is in these halves."""
    for half in halves:
        for node in half:
            node.entries[1:] = [entry(one.id, one.port, online=one in half) for one in nodes if one is not node]


def test_all_know_all(four):
    world, nodes = four
    garage.make_known(world)
    assert all("POST /loadsharing/discover" in map(str, node.asked) for node in nodes)
    nodes[3].entries[2]["online"] = False
    with broken("the charger charger-aa04 lists .*aa02 online.*, within"):
        garage.await_all_online(world, 0.1)


def test_who_is_seen(four):
    world, nodes = four
    first = world.chargers[0]
    garage.await_seen(first, {"aa02": True, "aa04": True}, 0.1)
    nodes[0].entries[1]["online"] = False
    garage.await_seen(first, {"aa02": False}, 0.1)
    for wrong in ({"aa02": True}, {"aa03": False}, {"ff": False}):
        with broken("the charger charger-aa01 lists .* (online|offline), within 0.1 s"):
            garage.await_seen(first, wrong, 0.1)


def test_a_member_that_is_offline(four):
    world, nodes = four
    world.chargers[-1].learn_id()
    last = nodes[0].entries[3]
    last |= {"joined": True, "online": False}
    garage.require_offline(world, 0.1)
    for wrong in ({"joined": False}, {"joined": True, "online": True}):
        last |= wrong
        with broken("the charger charger-aa01 lists aa04 offline as a member, within 0.1 s"):
            garage.require_offline(world, 0.1)


def test_all_list_the_first(four):
    world, nodes = four
    world.chargers[0].learn_id()
    with broken("the charger charger-aa02 lists aa01 as a member"):
        garage.require_all_list_first(world, 0.1)
    for node in nodes[1:]:
        node.entries[1]["joined"] = True
    garage.require_all_list_first(world, 0.1)
    nodes[3].entries[1]["joined"] = False
    with broken("the charger charger-aa04 lists aa01 as a member"):
        garage.require_all_list_first(world, 0.1)


def test_who_was_added_is_asked(four):
    world, nodes = four
    for node in nodes:
        node.entries = node.entries[:1]
    garage.first_adds_all(world)
    assert [one.path for one in nodes[0].asked] == ["/loadsharing/peers"] * 3
    assert all(b'"reciprocal": true' in one.body for one in nodes[0].asked)
    nodes[1].says("POST /loadsharing/peers", Says({"msg": "full"}, 409))
    with broken("charger-aa02 adds 127.0.0.1"):
        garage.add(world.chargers[1], world.chargers[0])


def in_a_garage(world, partition):
    """Little nodes have no network of their own: without one, a garage is only where its partition is kept."""
    world.garage = Garage.__new__(Garage)
    world.garage.partition = partition


def test_halves_that_are_none(four):
    world, nodes = four
    in_a_garage(world, Partition({}))
    seen(nodes, nodes[:2], nodes[2:])
    nodes[3].entries[1]["online"] = True
    with broken("the charger charger-aa04 lists .*aa01 offline"):
        garage.require_halves(world, 0.2)
    seen(nodes, nodes[:2], nodes[2:])
    nodes[0].entries[1]["online"] = False
    with broken("the charger charger-aa01 lists aa02 online"):
        garage.require_halves(world, 0.2)


def test_halves_between_which_nothing_was_dropped_prove_nothing(four):
    world, nodes = four
    seen(nodes, nodes[:2], nodes[2:])
    in_a_garage(world, Partition({}))
    with void("nothing was dropped between the two halves"):
        garage.require_halves(world, 1.0)
    world.garage.partition = None
    with void("nothing was dropped between the two halves"):
        garage.require_halves(world, 1.0)


def test_halves_that_grow_together(four):
    world, nodes = four
    in_a_garage(world, Partition({}))
    garage.require_whole(world, 1.0)
    seen(nodes, nodes[:2], nodes[2:])
    with broken("lists .*aa0. online"):
        garage.require_whole(world, 0.1)


def test_a_machine_that_cannot_part_networks_declines_before_anything_is_made(four, monkeypatch):
    world, _ = four
    monkeypatch.setattr(garage, "missing_for_partition", lambda: "no tools here")
    with pytest.raises(DeclinedError, match="no tools here"):
        garage.open_garage(world, 4, mutual=True, parting=True)
    assert world.garage is None
