"""Chargers on a network of their own: how they get there, what becomes of the network, and what they must know then."""

from support.kit.deadline import Deadline, eventually
from support.kit.errors import DeclinedError, PromiseBrokenError, VoidError
from support.kit.partition import Partition, missing_for_partition
from support.peers.charger import Charger
from support.peers.docked import PORT, DockedNode
from support.peers.docks import Docks
from support.peers.entries import others, shown
from support.peers.spare import prepare_next, take_docks
from support.peers.world import PeersWorld

FORMING_LIMIT = 15.0
"""Seconds until all know each other, looked for again and again; scaled by patience."""
APART = 0.1
WAYS_BACK = {"is reached again": "is cut off", "goes on": "is paused", "is started again": "is killed"}


class Garage:
    """The chargers on a network of their own, in order."""

    def __init__(self, nodes: list[DockedNode]) -> None:
        self.nodes = nodes
        self.partition: Partition | None = None


def open_garage(world: PeersWorld, count: int, *, know: bool = False, mutual: bool = False, parting: bool = False) -> Garage:
    """A private network with so many chargers. DeclinedError where it is to be parted and this machine cannot."""
    if parting and (reason := missing_for_partition()):
        raise DeclinedError(reason)
    world.ports.add(PORT)
    docks = take_docks(world, count) or Docks(world.target, count, world.evidence.log_path, world.wire, world.resources)
    prepare_next(world)
    garage = world.garage = Garage(docks.nodes)
    world.chargers += [Charger(node.hostname, node, None, None, world.ports) for node in garage.nodes]
    for node in garage.nodes:
        node.wait_ready(world.settings.patience)
    if know or mutual:
        make_known(world)
    if mutual:
        for one in world.chargers:
            for other in world.chargers:
                if one is not other:
                    add(one, other)
    return garage


def make_known(world: PeersWorld) -> None:
    """All list all the others as online."""
    for charger in world.chargers:
        charger.look_around()
    await_all_online(world, FORMING_LIMIT * world.settings.patience)


def add(one: Charger, other: Charger, *, reciprocal: bool = False) -> None:
    """It adds the other. PromiseBrokenError where it refuses."""
    answer = one.add(other.host, reciprocal=reciprocal)
    if answer.code != 200:
        raise PromiseBrokenError(f"{one.hostname} adds {other.host}", str(answer))


def first_adds_all(world: PeersWorld) -> None:
    """The first adds everybody, and is to be added there."""
    for other in world.chargers[1:]:
        add(world.chargers[0], other, reciprocal=True)


def first_adds_last(world: PeersWorld) -> None:
    """The first has added the last, and lists it as online."""
    make_known(world)
    first, last = world.chargers[0], world.chargers[-1]
    add(first, last)
    await_seen(first, {last.id: True}, FORMING_LIMIT)


def befall(world: PeersWorld, fate: str) -> None:
    """What happens to the last one."""
    node = world.nodes[-1]
    match fate:
        case "is cut off":
            node.network.disconnect(node.container.full_name)
        case "is paused":
            node.container.pause()
        case "is killed":
            node.die()
        case _:
            raise ValueError(f"nobody knows what it means that a charger {fate}")
    node.ended_on_purpose = True


def come_back(world: PeersWorld, way: str) -> None:
    """The end of what happened to it."""
    node = world.nodes[-1]
    match WAYS_BACK[way]:
        case "is cut off":
            node.network.connect(node.container.full_name)
            node.find()
        case "is paused":
            node.container.unpause()
        case _:
            node.start_again(world.settings.patience)
    node.ended_on_purpose = False


def require_offline(world: PeersWorld, within: float) -> None:
    """The first lists the last as a member that is offline."""
    await_seen(world.chargers[0], {world.chargers[-1].id: False}, within, member=True)


def require_back(world: PeersWorld, way: str, within: float) -> None:
    """The last comes back and is online again, for the first. One that came back with nothing has another id."""
    come_back(world, way)
    last = world.chargers[-1]
    last.id = ""
    await_seen(world.chargers[0], {last.learn_id(): True}, within)


def fall_apart(world: PeersWorld) -> None:
    """The network falls into two halves. VoidError where nothing is dropped."""
    assert world.garage is not None, "opened before"
    nodes = world.nodes
    half = len(nodes) // 2
    garage = world.garage
    garage.partition = Partition({node.container.id: node.container.ip for node in nodes})
    world.resources.callback(garage.partition.heal)
    garage.partition.part([[one.container.id for one in nodes[:half]], [one.container.id for one in nodes[half:]]])


def require_halves(world: PeersWorld, within: float) -> None:
    """Each lists those of its half as online and those of the other half as offline. VoidError where no packet was dropped."""
    half = len(world.chargers) // 2
    deadline = Deadline(within)
    for side, other in ((world.chargers[:half], world.chargers[half:]), (world.chargers[half:], world.chargers[:half])):
        for charger in side:
            wanted = {one.learn_id(): True for one in side if one is not charger} | {one.learn_id(): False for one in other}
            await_seen(charger, wanted, max(deadline.remaining, APART))
    assert world.garage is not None, "opened before"
    partition = world.garage.partition
    if partition is None or not partition.dropped():
        raise VoidError("nothing was dropped between the two halves")


def require_whole(world: PeersWorld, within: float) -> None:
    """The halves are one again, and all list all the others as online."""
    assert world.garage is not None, "opened before"
    assert world.garage.partition is not None, "parted before"
    world.garage.partition.heal()
    await_all_online(world, within)


def require_all_list_first(world: PeersWorld, within: float) -> None:
    """Each of the others lists the first as a member."""
    first = world.chargers[0]
    for charger in world.chargers[1:]:
        charger.await_entries(
            lambda entries: any(entry.joined and entry.id == first.id for entry in others(entries)), within,
            f"the charger {charger.hostname} lists {first.id} as a member",
        )  # fmt: skip


def await_all_online(world: PeersWorld, within: float) -> None:
    """All list all the others as online."""
    ids = world.learn_ids()
    deadline = Deadline(within)
    for charger in world.chargers:
        await_seen(charger, dict.fromkeys(ids - {charger.id}, True), max(deadline.remaining, APART))


def await_seen(charger: Charger, wanted: dict[str, bool], within: float, *, member: bool = False) -> None:
    """It lists these ids as online (or not) in time; as members where that is said."""
    seen = {True: "online", False: "offline"}
    what = ", ".join(f"{one} {seen[online]}" for one, online in wanted.items()) + (" as a member" if member else "")
    eventually(
        charger.entries, lambda entries: all(
            any(entry.id == one and entry.online is online and entry.joined >= member for entry in entries)
            for one, online in wanted.items()
        ), within, f"the charger {charger.hostname} lists {what}, within {within:g} s", interval=APART, describe=shown,
    )  # fmt: skip
