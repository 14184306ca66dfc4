"""Load sharing by nodes with a board each: what is drawn, not only what is told."""

import asyncio
import json
import signal
from collections.abc import Callable

import aiohttp
import pytest
from node_program import Board, Node, chargers, eventually, form_group

from support.peers.reference.node.member import signature_of

REFUSED_SENDER = "Allocations are taken from the controller only"


def drawn(*boards: Board) -> list[float]:
    return [board.drawn for board in boards]


def shares(controller: Node, *nodes: Node) -> list[tuple[float, str]]:
    told = {one["id"]: (one["target_current"], one["reason"]) for one in controller.get("/loadsharing/status")["allocations"]}
    assert len(told) == len(controller.get("/loadsharing/status")["allocations"])
    return [told.get(node.id) for node in nodes]


@pytest.fixture(scope="module")
def trio(tmp_path_factory):
    """A controller, two members; all vehicles are connected and want all they can get."""
    with chargers(tmp_path_factory.mktemp("trio"), 3) as (nodes, boards):
        form_group(nodes[0], *nodes[1:], group_max_current=30)
        for board in boards:
            board.charge()
        yield nodes, boards


@pytest.fixture
def group(trio):
    """The same, as they are when all is well: 10 A each."""
    nodes, boards = trio
    nodes[0].configure(group_max_current=30, rotation_interval=0)
    eventually(lambda: drawn(*boards), [10, 10, 10])
    yield trio
    for node in nodes:
        node.configure(priority=0)


def test_all_have_the_same_and_everybody_is_there_once(group):
    nodes, _ = group
    assert shares(nodes[0], *nodes) == [(10, "equal_share")] * 3
    assert shares(nodes[1], nodes[1]) == [(10, "equal_share")]
    told = nodes[0].get("/loadsharing/status")
    assert (told["online_count"], told["offline_count"], len(told["peers"]), len(told["allocations"])) == (3, 0, 3, 3)
    assert [one["status"]["pilot"] for one in told["peers"]] == [10, 10, 10]


def test_what_a_vehicle_does_not_use_goes_to_the_others_and_back(group):
    _, boards = group
    boards[2].post("ev/direct_current", {"current": 6})
    eventually(lambda: drawn(*boards), [11, 11, 6])
    boards[2].post("ev/direct_current", {"current": 32})
    eventually(lambda: drawn(*boards), [10, 10, 10])


def test_scarcity_follows_the_priority(group):
    nodes, boards = group
    nodes[0].configure(priority=2)
    nodes[1].configure(priority=1)
    nodes[0].configure(group_max_current=13)
    eventually(lambda: drawn(*boards), [0, 6, 6])
    assert shares(nodes[0], *nodes) == [(0, "insufficient"), (6, "min_subset"), (6, "min_subset")]
    assert boards[0].state[0] == "asleep"


def test_equals_take_turns(group):
    nodes, boards = group
    nodes[0].configure(group_max_current=13, rotation_interval=1)
    for board in boards:
        eventually(lambda board=board: board.drawn, 0)
        eventually(lambda board=board: board.drawn, 6)


def test_a_dead_member_is_reserved_for_and_its_board_falls_back(group):
    nodes, boards = group
    nodes[2].stop(signal.SIGKILL)
    eventually(lambda: drawn(*boards), [12, 12, 6])
    assert shares(nodes[0], *nodes) == [(12, "equal_share"), (12, "equal_share"), (0, "offline")]
    nodes[2].start()
    eventually(lambda: drawn(*boards), [10, 10, 10])


def test_a_lost_controller_brings_the_failsafe_until_it_is_back(group):
    nodes, boards = group
    nodes[0].process.send_signal(signal.SIGSTOP)
    eventually(lambda: drawn(*boards), [6, 6, 6])
    for member in nodes[1:]:
        told = member.get("/loadsharing/status")
        assert told["failsafe_active"] is True
        assert told["allocations"] == [{"id": member.id, "target_current": 6, "reason": "failsafe"}]
    nodes[0].process.send_signal(signal.SIGCONT)
    eventually(lambda: drawn(*boards), [10, 10, 10])
    eventually(lambda: nodes[1].get("/status")["failsafe_active"], False)


def test_a_board_that_is_cut_off_counts_as_offline(group):
    _, boards = group
    boards[1].silent = True
    eventually(lambda: drawn(*boards), [12, 6, 12])
    boards[1].silent = False
    eventually(lambda: drawn(*boards), [10, 10, 10])


def test_what_somebody_changes_at_a_board_is_put_right_but_sleep_is_respected(group):
    _, boards = group
    boards[1].post("evse/current", {"current": 32})
    eventually(lambda: drawn(*boards), [10, 10, 10])
    boards[1].post("evse/disable")
    eventually(lambda: drawn(*boards), [15, 0, 15])
    boards[1].post("evse/enable")
    eventually(lambda: drawn(*boards), [10, 10, 10])


def test_an_idle_station_gets_nothing_and_wakes_for_its_vehicle(group):
    nodes, boards = group
    boards[2].post("ev/disconnect")
    eventually(lambda: drawn(*boards), [15, 15, 0])
    eventually(lambda: shares(nodes[0], nodes[2]), [(0, "idle")])
    boards[2].post("ev/connect")
    eventually(lambda: shares(nodes[0], nodes[2]), [(6, "connected_min")])
    eventually(lambda: drawn(*boards), [15, 15, 0])
    boards[2].post("ev/request_charge")
    eventually(lambda: drawn(*boards), [10, 10, 10])


def test_without_load_sharing_a_board_gets_back_what_was_taken(group):
    nodes, boards = group
    nodes[0].configure(group_max_current=6)
    eventually(lambda: sorted(drawn(*boards)), [0, 0, 6])
    for node in nodes:
        node.configure(enabled=False)
    eventually(lambda: drawn(*boards), [32, 32, 32])
    nodes[0].configure(group_max_current=30)
    for node in (*nodes[1:], nodes[0]):
        node.configure(enabled=True)
    eventually(lambda: drawn(*boards), [10, 10, 10])


def ask(node: Node, *frames: object) -> list[object]:
    """What the node answers to frames of `loadsharing`, a pong for those that it takes."""

    async def work() -> list[object]:
        answers = []
        async with aiohttp.ClientSession() as session, session.ws_connect(f"http://{node.host}/ws") as socket:
            for frame in frames:
                await socket.send_str(json.dumps({"loadsharing": frame}))
                await socket.send_str('{"ping": 1}')
                while True:
                    told = await socket.receive_json(timeout=5)
                    if "pong" in told or "error" in told:
                        answers.append(told.get("error", {}).get("msg"))
                    if "pong" in told:
                        break
        return answers

    return asyncio.run(work())


@pytest.fixture
def member(tmp_path):
    with chargers(tmp_path, 1) as ([node], [board]):
        board.charge()
        yield node, board


def follow(node: Node, frame: object, look: Callable[[], object], promised: object) -> None:
    """It is given this again and again, as a controller does: it must hear something within the heartbeat time."""

    def given() -> object:
        assert ask(node, frame) == [None]
        return look()

    eventually(given, promised, 20.0)


def test_a_member_obeys_its_controllers_address_only(member):
    node, board = member
    node.configure(enabled=True, role="member", controller_host="127.0.0.9")
    frame = {"target_current": 16, "reason": "equal_share"}
    assert ask(node, frame) == [REFUSED_SENDER, None]
    node.configure(controller_host="127.0.0.1:9999")
    follow(node, frame, lambda: board.drawn, 16)
    for bad in (
        None,
        5,
        {},
        {"target_current": "16"},
        {"target_current": -1},
        {"target_current": True},
        {"target_current": 9, "reason": 1},
    ):
        assert ask(node, bad)[0] is not None
    assert board.drawn in (16, 6)
    eventually(lambda: board.drawn, 6)
    follow(node, {"target_current": 0, "reason": "insufficient"}, lambda: board.state[0], "asleep")
    node.stop(signal.SIGKILL)
    node.start()
    # It remembers that the sleep is its own doing.
    follow(node, {"target_current": 8.9, "reason": "equal_share"}, lambda: board.drawn, 8)


def test_a_secret_asks_for_signatures_that_rise(member):
    node, board = member
    node.configure(enabled=True, role="member", controller_host="127.0.0.1", secret="between us")

    def signed(sequence: object, current: float, secret: str = "between us", **more: object) -> dict[str, object]:
        proof = signature_of(secret, node.id, sequence, current, "equal_share")
        return {"target_current": current, "reason": "equal_share", "sequence": sequence, "signature": proof, **more}

    assert ask(node, {"target_current": 20, "reason": "equal_share"})[0] == "The allocation is not signed"
    assert ask(node, signed(5, 20.0, "between them"))[0] == "The allocation's signature is wrong"
    assert ask(node, signed(5, 20.0, target_current=21.0))[0] == "The allocation's signature is wrong"
    assert ask(node, signed(5, 20.0, signature="\u00e9"))[0] == "The allocation's signature is wrong"
    assert ask(node, signed(5, 12.0), signed(5, 13.0)) == [None, "The allocation's sequence does not rise", None]
    eventually(lambda: board.drawn, 12)


def test_a_group_with_a_secret_works_and_one_who_knows_another_does_not(tmp_path):
    with chargers(tmp_path, 2) as (nodes, boards):
        form_group(*nodes, secret="between us")
        for board in boards:
            board.charge()
        eventually(lambda: drawn(*boards), [16, 16])
        nodes[0].configure(secret="between them")
        eventually(lambda: nodes[1].get("/status")["failsafe_active"], True)
        eventually(lambda: boards[1].drawn, 6)
        nodes[0].configure(secret="between us")
        eventually(lambda: drawn(*boards), [16, 16])


def test_the_failsafe_counts_from_the_start_and_may_mean_sleep(member):
    node, board = member
    assert board.drawn == 32
    node.configure(failsafe_mode="disable")
    node.configure(enabled=True, role="member", controller_host="10.0.0.1")
    eventually(lambda: board.state[0], "asleep")
    assert node.get("/loadsharing/status")["failsafe_active"] is True
    node.configure(controller_host="127.0.0.1")
    assert ask(node, {"target_current": 10, "reason": "equal_share"}) == [None]
    eventually(lambda: board.drawn, 10)
