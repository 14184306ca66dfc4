"""Who speaks with a node over its WebSocket, who listens to it, and who looks out for it on the network."""

import hashlib
import hmac
import socket

import pytest
from little_node import LittleNode, Says
from peers_parts import broken, charger_of, impatient, littles, world_of  # noqa: F401
from zeroconf import DNSAddress, DNSOutgoing, DNSService, DNSText, ServiceInfo, Zeroconf
from zeroconf.const import _CLASS_IN, _CLASS_UNIQUE, _FLAGS_AA, _FLAGS_QR_RESPONSE, _TYPE_A, _TYPE_SRV, _TYPE_TXT

from support.kit.deadline import eventually
from support.kit.ports import lease_port
from support.peers import talking
from support.peers.lookout import LOOPBACK, Lookout
from support.peers.protocol import SERVICE
from support.peers.voice import Voice

pytestmark = pytest.mark.usefixtures("impatient")
PATIENCE = 20.0
"""Seconds that a busy machine has for what is there in a moment."""


@pytest.fixture
def there(tmp_path):
    with littles(tmp_path) as (world, (node,)):
        yield world, node


def voice_of(world, node, **more):
    made = Voice(("127.0.0.1", node.port), "it", world.wire, **more)
    world.resources.callback(made.close)
    return made


def heard_by(node):
    """What the first connection has said, once it is there."""
    eventually(lambda: node.ears and node.ears[0].heard, bool, PATIENCE, "it is heard")
    return node.ears[0]


def test_what_is_said_arrives_from_the_address_that_was_wanted(there):
    world, node = there
    voice = voice_of(world, node, source="127.0.0.2")
    voice.say({"ping": 1})
    voice.give(16)
    voice.give("plenty", "idle")
    eventually(lambda: len(node.ears[0].heard), lambda count: count == 3, PATIENCE, "all is heard")
    assert node.ears[0].source == "127.0.0.2"
    assert node.ears[0].heard[1:] == [
        {"loadsharing": {"target_current": 16, "reason": "equal_share"}},
        {"loadsharing": {"target_current": "plenty", "reason": "idle"}},
    ]


def test_what_is_signed_bears_the_signature_of_the_contract(there):
    world, node = there
    voice_of(world, node).give_signed(16, "the secret", "aa01", 3)
    signature = hmac.new(b"the secret", b"aa01|3|16.00|equal_share", hashlib.sha256).hexdigest()
    assert heard_by(node).heard == [
        {"loadsharing": {"target_current": 16, "reason": "equal_share", "sequence": 3, "signature": signature}}
    ]


def test_a_field_is_awaited_and_its_last_value_counts(there):
    world, node = there
    node.greeting = [{"state": 3}, {"state": 1, "amp": 0}, {"amp": 16}]
    voice = voice_of(world, node)
    assert voice.await_field("amp", 16, 2.0) == 16
    assert voice.await_field("state", 1, 0.1) == 1
    with broken(r"who listens is told that state is 3 within 0.1 s\nseen      \[3, 1\]"):
        voice.await_field("state", 3, 0.1)
    with broken("told that vehicle is 1 within 0.1 s\nseen      nothing of it"):
        voice.await_field("vehicle", 1, 0.1)


@pytest.mark.parametrize("wrong", ["no json", "[1]", "5", '"up"'])
def test_what_is_no_object_is_told(there, wrong):
    world, node = there
    node.greeting = [wrong]
    with broken("what a charger says to those who listen is an object"):
        voice_of(world, node).await_field("state", 1, 1.0)


def test_a_connection_that_ends_is_told(there):
    world, node = there
    voice = voice_of(world, node)
    voice.await_field("state", 1, 2.0)
    node.ears[0].socket.shutdown(socket.SHUT_RDWR)
    with broken("a charger keeps the connections of those who listen"):
        voice.read(1.0)
    with broken("a charger keeps the connections of those who listen"):
        voice.say({})


def test_nobody_lets_it_in(there):
    world, node = there
    node.says("GET /ws", {})
    with lease_port() as port, broken("a charger takes connections of those who listen\nseen      ConnectionRefusedError"):
        Voice(("127.0.0.1", port.port), "it", world.wire)


# --- listening


def test_who_listens_is_told_everything_at_first(there):
    world, node = there
    talking.listen(world)
    talking.require_whole_status(world)
    node.ears[0].say({"vehicle": 1})
    node.ears[0].say({"state": 3})
    talking.require_told_of_vehicle(world, 1.0)
    world.voices[talking.LISTENER].say({"ping": 1})
    talking.require_pong(world)


@pytest.mark.parametrize("lacks", talking.WHOLE)
def test_a_first_word_that_is_not_whole_is_told(there, lacks):
    world, node = there
    node.greeting = [{key: value for key, value in node.status.items() if key != lacks}, node.status]
    talking.listen(world)
    with broken(f"the whole status at first\nseen      no {lacks} in"):
        talking.require_whole_status(world)


def test_a_node_that_says_nothing_is_told(there):
    world, node = there
    node.greeting, node.replies = [], []
    talking.listen(world)
    with broken("the whole status at first\nseen      no amp, voltage, pilot, state, vehicle in {}"):
        talking.require_whole_status(world)
    with broken("told that vehicle is 1"):
        talking.require_told_of_vehicle(world, 0.1)
    world.voices[talking.LISTENER].say({"ping": 1})
    with broken("told that pong is 1"):
        talking.require_pong(world)


def test_a_vehicle_that_does_not_charge_is_not_what_was_awaited(there):
    world, node = there
    node.greeting = [{**node.status, "vehicle": 1, "state": 2}]
    talking.listen(world)
    with broken("told that state is 3 within 0.1 s"):
        talking.require_told_of_vehicle(world, 0.1)


def test_each_is_asked_for_its_id(tmp_path):
    with littles(tmp_path, 2) as (world, (_, last)):
        talking.ask_for_peers(world)
        assert [charger.id for charger in world.chargers] == ["aa01", "aa02"]
        world.chargers[1].id = ""
        last.says("GET /loadsharing/peers", Says([], 500))
        with broken("answers 200 with a bare array"):
            talking.ask_for_peers(world)


# --- looking out


@pytest.fixture(scope="module")
def advertised():
    """Two chargers where runs have theirs, so that a run beside this one knows that they are not its own."""
    leases = [lease_port(), lease_port()]
    air = Zeroconf(interfaces=[LOOPBACK])
    infos = [
        ServiceInfo(
            SERVICE,
            f"little-{port}.{SERVICE}",
            port,
            addresses=[socket.inet_aton("127.0.0.1")],
            server=f"little-{port}.local.",
            properties={"id": f"id-{port}", "ssl": "0", "empty": None},
        )
        for port in (lease.port for lease in leases)
    ]
    for info in infos:
        air.register_service(info, cooperating_responders=True)
    yield [info.port for info in infos]
    air.unregister_all_services()
    air.close()
    for lease in leases:
        lease.release()


def test_an_advertisement_is_found_by_its_port(advertised):
    with Lookout() as lookout:
        for port in advertised:
            found = lookout.find(port, 5.0)
            assert (found.name, found.port, found.addresses) == (f"little-{port}", port, ("127.0.0.1",))
            assert found.texts == {"id": f"id-{port}", "ssl": "0", "empty": ""}
        with broken("a charger at port 64003 is advertised within 0.2 s"):
            lookout.find(64_003, 0.2)


def test_particulars_without_a_pointer_are_no_advertisement(advertised):
    """What was told to somebody else: a goodbye that followed it could not be noticed."""
    port = advertised[0]
    name = f"other-{port}.{SERVICE}"
    told = DNSOutgoing(_FLAGS_QR_RESPONSE | _FLAGS_AA)
    told.add_answer_at_time(DNSService(name, _TYPE_SRV, _CLASS_IN | _CLASS_UNIQUE, 120, 0, 0, 64_004, f"other-{port}.local."), 0)
    told.add_answer_at_time(
        DNSAddress(f"other-{port}.local.", _TYPE_A, _CLASS_IN | _CLASS_UNIQUE, 120, socket.inet_aton(LOOPBACK)), 0
    )
    told.add_answer_at_time(DNSText(name, _TYPE_TXT, _CLASS_IN | _CLASS_UNIQUE, 120, b"\x04id=1"), 0)
    with Lookout() as lookout, Zeroconf(interfaces=[LOOPBACK]) as air:
        lookout.find(port, 5.0)
        air.send(told)
        with broken("a charger at port 64004 is advertised within 0.5 s"):
            lookout.find(64_004, 0.5)


def test_a_charger_is_found_by_its_own_port(advertised, tmp_path):
    with LittleNode() as node, world_of(tmp_path) as world:
        charger_of(node, world)
        talking.look_out(world)
        with broken(f"a charger at port {node.port} is advertised within 0.2 s"):
            talking.require_found(world, 0.2)
        world.it.node.port = advertised[0]
        talking.require_found(world, 5.0)
        assert world.found.port == advertised[0]
