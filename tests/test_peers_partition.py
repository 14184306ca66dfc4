"""A network that falls into parts: who hears whom, what is counted, and that all is as before. Needs a Docker engine."""

import pytest
from container_parts import WITHIN, swept, yard
from little_node import entry
from peers_parts import littles

from support.kit.deadline import eventually
from support.kit.engine import EngineError
from support.kit.network import Network
from support.kit.partition import Partition, PartitionError, missing_for_partition
from support.peers import garage
from support.peers.garage import Garage

__all__ = ["swept", "yard"]
pytestmark = pytest.mark.skipif(missing_for_partition() is not None, reason=str(missing_for_partition()))
TALKS = """
import socket, threading, time
me = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
me.bind(("", 8000))
print("listens", flush=True)
def hear():
    while True:
        print("heard", me.recv(100).decode(), flush=True)
threading.Thread(target=hear, daemon=True).start()
while True:
    for other in ("one", "two", "three"):
        try:
            me.sendto(b"NAME;", (other, 8000))
        except OSError:
            pass
    time.sleep(0.05)
"""


@pytest.fixture
def talking(yard):
    """Three containers that tell each other their names all the time."""
    net = yard.resources.enter_context(Network.create("parts"))
    made = {name: yard.python(TALKS.replace("NAME", name), name, network=net, alias=name) for name in ("one", "two", "three")}
    for name, container in made.items():
        for other in made:
            if other != name:
                container.wait_ready(lambda of=container, text=f"heard {other};": text in of.logged(), WITHIN, "all are heard")
    return made


def heard_since(container, name, moment):
    return f"heard {name};" in container.logged()[moment:]


def hears(container, name):
    moment = len(container.logged())
    eventually(lambda: heard_since(container, name, moment), bool, WITHIN, f"{name} is heard")


def test_nobody_hears_the_other_half_until_it_is_whole_again(talking, tmp_path):
    one, two, three = talking.values()
    partition = Partition({each.id: each.ip for each in talking.values()})
    assert partition.dropped() == 0
    partition.part([[one.id, two.id], [three.id]])
    eventually(partition.dropped, lambda count: count > 3, WITHIN, "packets are dropped")
    moments = {name: len(container.logged()) for name, container in talking.items()}
    hears(one, "two")
    hears(two, "one")
    assert not any(heard_since(container, "three", moments[name]) for name, container in (("one", one), ("two", two)))
    assert not any(heard_since(three, name, moments["three"]) for name in ("one", "two"))
    right_halves_are_seen(partition, tmp_path)
    partition.heal()
    assert partition.dropped() == 0
    for container, name in ((one, "three"), (two, "three"), (three, "one"), (three, "two")):
        hears(container, name)
    partition.heal()  # there is nothing left to be taken back


def right_halves_are_seen(partition, folder):
    """With packets that were dropped, nodes that list their own half as online are right."""
    with littles(folder, 2) as (world, (first, last)):
        world.garage = Garage.__new__(Garage)
        world.garage.partition = partition
        for node, other in ((first, last), (last, first)):
            node.entries[1:] = [entry(other.id, other.port, online=False)]
        garage.require_halves(world, 1.0)


def test_a_container_that_has_ended_cannot_be_parted(talking):
    one, two, _ = talking.values()
    partition = Partition({one.id: one.ip, two.id: two.ip})
    one.kill()
    with pytest.raises(PartitionError, match="does not run"):
        partition.part([[one.id], [two.id]])


def test_nobody_knows_the_container(yard):
    with pytest.raises(EngineError, match="look at the container"):
        Partition({"f" * 64: "127.0.0.1", "e" * 64: "127.0.0.2"}).part([["f" * 64], ["e" * 64]])
