"""Networks for containers: who hears whom, by name and by multicast, and who is cut off. Needs a Docker engine."""

import socket
import sys

import pytest
from container_parts import ECHO, WITHIN, Yard, networks_of, swept, yard

from support.kit.container import HOST, Container
from support.kit.engine import EngineError
from support.kit.errors import VoidError
from support.kit.network import Network

__all__ = ["swept", "yard"]

HEARS = """
import socket, struct
ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ear.bind(("", 5353))
group = struct.pack("4sL", socket.inet_aton("224.0.0.251"), socket.INADDR_ANY)
ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
print("listens")
while True:
    print("heard", ear.recv(100).decode())
"""
SHOUTS = """
import socket, sys, time
mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(100):
    try:
        mouth.sendto(b"hello %d" % number, ("224.0.0.251", 5353))
    except OSError as error:
        print("cannot", error.strerror)
    time.sleep(0.05)
"""
LOOKS = """
import socket, time
for _ in range(400):
    try:
        with socket.create_connection(("lamp", 8000), timeout=1) as client:
            client.sendall(b"x")
            print("found" if client.recv(1) else "closed")
    except OSError as error:
        print("lost")
    time.sleep(0.05)
"""


def network(yard: Yard, name: str = "net") -> Network:
    return yard.resources.enter_context(Network.create(name))


def says(container: Container, text: str, after: int = 0) -> None:
    container.wait_ready(lambda: text in container.logged()[after:], WITHIN, f"it says {text!r}")


def test_multicast_passes_between_containers_of_one_network_and_into_no_other(yard: Yard) -> None:
    near, far = network(yard, "near"), network(yard, "far")
    one = yard.python(HEARS, "one", network=near)
    other = yard.python(HEARS, "other", network=far)
    says(one, "listens")
    says(other, "listens")
    yard.python(SHOUTS, "shouting", network=near)
    says(one, "heard hello")
    assert "heard" not in other.logged()


def test_containers_find_each_other_by_alias_and_lose_each_other_when_one_is_disconnected(yard: Yard) -> None:
    net = network(yard)
    lamp = yard.python(ECHO, "lamp-program", network=net, alias="lamp")
    looking = yard.python(LOOKS, "looking", network=net)
    says(looking, "found")
    net.disconnect(lamp.full_name)
    says(looking, "lost", after=len(looking.logged()))
    net.connect(lamp.full_name, alias="lamp")
    says(looking, "found", after=len(looking.logged()))


def test_nobody_outside_answers_not_even_about_names(yard: Yard) -> None:
    net = network(yard)
    assert yard.engine.api.inspect_network(net.id)["Options"] == {"com.docker.network.bridge.enable_ip_masquerade": "false"}
    said = yard.says(
        """
        import socket, time
        began = time.monotonic()
        try:
            socket.getaddrinfo("example.org", 80)
        except OSError:
            print("unknown", time.monotonic() - began < 5)
        """,
        network=net,
    )
    assert said == "unknown True\n"


def test_ports_are_published_and_the_address_can_be_reached(yard: Yard) -> None:
    container = yard.python(ECHO, network=network(yard), ports=[8000], alias="lamp")
    says(container, "listens")
    places = [(HOST, container.port(8000)), *([(container.ip, 8000)] if sys.platform == "linux" else [])]
    for place in places:
        with socket.create_connection(place, timeout=WITHIN) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"


def test_a_change_that_changes_nothing_is_void(yard: Yard) -> None:
    net = network(yard)
    lamp = yard.python(ECHO, network=net)
    with pytest.raises(VoidError, match=r"is in the network .* already"):
        net.connect(lamp.full_name)
    net.disconnect(lamp.full_name)
    with pytest.raises(VoidError, match="is not in the network"):
        net.disconnect(lamp.full_name)


def test_leaving_removes_it_and_one_in_use_cannot_be_removed(yard: Yard) -> None:
    with Network.create("net") as net:
        lamp = yard.python(ECHO, network=net)
        with pytest.raises(EngineError, match="cannot remove the network"):
            net.remove()
        assert networks_of(yard.engine, yard.engine.run) == [net.name]
        lamp.remove()
    net.remove()
    assert networks_of(yard.engine, yard.engine.run) == []
