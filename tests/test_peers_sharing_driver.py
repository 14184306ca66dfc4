"""Groups that share a circuit: right plans and right currents pass, wrong ones are told."""

import pytest
from little_node import LittleNode, Says
from peers_parts import allocation, boards, broken, impatient, littles, void  # noqa: F401

from support.peers import sharing
from support.peers.protocol import State
from support.peers.sharing import Given

pytestmark = pytest.mark.usefixtures("impatient")
FAIR = [allocation("aa01", 16), allocation("aa02", 16)]
IDLE = [allocation("aa01", 0, "idle"), allocation("aa02", 0, "idle")]
SCARCE = [allocation("aa01", 6, "min_subset"), allocation("aa02", 0, "insufficient")]


@pytest.fixture
def two(tmp_path):
    with littles(tmp_path, 2) as (world, nodes):
        plans(nodes[0], FAIR)
        yield world, nodes[0]


@pytest.fixture
def group(tmp_path):
    with boards(tmp_path, 2) as (world, _, made):
        yield world, made


def plans(node, *each):
    node.says("GET /loadsharing/status", *({"allocations": one} for one in each))


# --- plans


def test_a_plan_is_read(two):
    world, _ = two
    assert sharing.plan_of(world.chargers[0]) == {"aa01": Given(16.0, "equal_share"), "aa02": Given(16.0, "equal_share")}
    assert sharing.shown(sharing.plan_of(world.chargers[0])) == "aa01: 16 A equal_share, aa02: 16 A equal_share"
    assert sharing.shown({}) == "nobody is in the plan"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ([*FAIR, FAIR[0]], "every member is in the plan once\nseen      aa01 twice"),
        ([allocation("aa01", "16")], "an allocation has id, target_current and reason"),
        (["aa01"], "an allocation has"),
        ({"aa01": 16}, "tells its allocations as a list"),
        (None, "tells its allocations as a list"),
    ],
)
def test_a_plan_that_cannot_be_read_is_told(two, wrong, told):
    world, node = two
    plans(node, wrong)
    with broken(told):
        sharing.plan_of(world.chargers[0])


def test_everybody_is_in_the_plan_once(two):
    world, node = two
    sharing.require_everybody_once(world)
    for wrong in (FAIR[:1], [*FAIR, allocation("ff", 0)], []):
        plans(node, wrong)
        with broken("the plan has aa01, aa02"):
            sharing.require_everybody_once(world)


def test_what_the_plan_gives(two):
    world, node = two
    plans(node, IDLE, FAIR)
    sharing.require_given(world, world.chargers, 16, "equal_share")
    plans(node, [allocation("aa01", 16.01), FAIR[1]])
    sharing.require_given(world, world.chargers, 16, "equal_share")
    for wrong in ([allocation("aa01", 16.02), FAIR[1]], [allocation("aa01", 16, "idle"), FAIR[1]], FAIR[:1], IDLE):
        plans(node, wrong)
        with broken("the plan gives aa01, aa02 16 A, as 'equal_share'\nseen      aa01"):
            sharing.require_given(world, world.chargers, 16, "equal_share", 0.1)
    plans(node, FAIR[:1])
    sharing.require_given(world, world.chargers[:1], 16, "equal_share", 0.1)


def test_why_somebody_is_given_nothing(two):
    world, node = two
    last = world.chargers[1]
    last.learn_id()
    plans(node, FAIR, [FAIR[0], allocation("aa02", 0, "offline")])
    sharing.require_reason(world, last, "offline")
    for wrong in (FAIR, [FAIR[0], allocation("aa02", 6, "offline")], FAIR[:1]):
        plans(node, wrong)
        with broken("the plan has aa02 as 'offline', with nothing\nseen      aa01"):
            sharing.require_reason(world, last, "offline")


def test_one_of_two(two):
    world, node = two
    for right in (SCARCE, [allocation("aa01", 0, "insufficient"), allocation("aa02", 6.0, "min_subset")]):
        plans(node, IDLE, right)
        sharing.require_one_of_two(world, 6, "min_subset", 0, "insufficient")
    for wrong in (FAIR, SCARCE[:1], [SCARCE[0], SCARCE[0] | {"id": "aa02"}], [SCARCE[0], allocation("aa02", 1, "insufficient")]):
        plans(node, wrong)
        with broken("one is given 6 A min_subset, the other 0 A insufficient"):
            sharing.require_one_of_two(world, 6, "min_subset", 0, "insufficient")


def test_what_does_not_move(two):
    world, node = two
    plans(node, FAIR, [allocation("aa01", 16.4), FAIR[1]], FAIR)
    sharing.be_left_alone(world, 3)
    sharing.require_not_moved(world)
    for wrong in ([allocation("aa01", 16.6), FAIR[1]], FAIR[:1]):
        plans(node, FAIR, wrong, FAIR)
        sharing.be_left_alone(world, 3)
        with broken("is given stays while nothing changes"):
            sharing.require_not_moved(world)
    world.known["plans"] = [{}] * 2
    with void("looked at 2 times only"):
        sharing.require_not_moved(world)


def test_a_plan_for_nobody_is_told(two):
    world, node = two
    plans(node, FAIR, [])
    with broken("there is a plan\nseen      nobody is in the plan"):
        sharing.be_left_alone(world, 3)


# --- forming


def test_a_group_is_formed(two):
    world, node = two
    plans(node, [], IDLE[:1], IDLE)
    node.entries = node.entries[:1]
    sharing.form_group(world)
    assert [one["host"] for one in node.entries[1:]] == [world.chargers[1].host]
    node.entries = node.entries[:1]
    for wrong in (FAIR, IDLE[:1], [*IDLE, allocation("ff", 0, "idle")]):
        plans(node, wrong)
        with broken("the controller hears all members and plans for them\nseen      aa01"):
            sharing.form_group(world)
    node.says("POST /loadsharing/peers", Says({"msg": "full"}, 409))
    with broken("a controller adds a member\nseen      409"):
        sharing.form_group(world)


def test_members_that_cannot_be_told_apart_are_no_group(two):
    world, node = two
    with LittleNode("aa01") as twin:
        world.chargers[1].reached.rest.base = f"http://127.0.0.1:{twin.port}"
        plans(node, IDLE[:1])
        with broken("no two chargers have the same id"):
            sharing.form_group(world)


# --- currents


def test_vehicles_that_charge(group):
    world, (first, last) = group
    sharing.let_charge(world, world.chargers, 32)
    assert world.watching is not None
    assert (first.state, last.state) == (State.CHARGING, State.CHARGING)
    sharing.require_each_draws(world, 32)
    assert sharing.drawing(world) == [32, 32]
    last.draws(30)
    with broken("the vehicle draws 32 A within .*\nseen      30.00 A"):
        sharing.require_each_draws(world, 32)
    with broken("the vehicle draws 16 A"):
        sharing.await_charging(world, world.chargers[:1], 16)


def test_all_draw(group):
    world, (first, last) = group
    first.draws(6)
    last.draws(0, 6)
    sharing.require_all_draw(world)
    last.draws(0.1)
    with broken(r"every vehicle draws\nseen      \[6.0, 0.1\]"):
        sharing.require_all_draw(world)


def test_only_one_draws(group):
    world, (first, last) = group
    first.draws(0, 6)
    sharing.require_only_one_draws(world)
    last.draws(6)
    with broken("only one vehicle draws"):
        sharing.require_only_one_draws(world)
    last.draws(0, 0, 6)
    with broken("only one vehicle draws"):
        sharing.require_only_one_draws(world)
    first.draws(0)
    last.draws(0)
    with broken(r"only one vehicle draws\nseen      \[0.0, 0.0\]"):
        sharing.require_only_one_draws(world)


def test_who_keeps_the_turn(group):
    world, (first, last) = group
    first.draws(6, 0)
    last.draws(0, 6)
    sharing.require_keeps_turn(world, -1, 6, 0.2)
    with broken("one vehicle draws 6 A and the others nothing"):
        sharing.require_keeps_turn(world, 0, 6, 0.2)
    first.draws(0)
    last.draws(6, 0, 0, 6)  # what is so in passing, while boards follow, is not judged
    sharing.require_keeps_turn(world, -1, 6, 0.2)
    last.draws(6, 6, 0)
    with broken("one vehicle draws 6 A and the others nothing, for 0.4 s"):
        sharing.require_keeps_turn(world, -1, 6, 0.4)
    last.draws(6)
    first.draws(0, 0, 6)
    with broken("one vehicle draws 6 A and the others nothing, for 0.4 s"):
        sharing.require_keeps_turn(world, -1, 6, 0.4)


def test_who_waits_is_there(group):
    world, (first, _) = group
    charger = world.chargers[0]
    first.is_in(State.ASLEEP, vehicle=State.CONNECTED)
    sharing.require_waits(world, charger)
    first.is_in(State.ASLEEP)
    with void("the vehicle that was to wait is not there"):
        sharing.require_waits(world, charger)
    first.draws(6)
    with broken("the vehicle draws nothing"):
        sharing.require_waits(world, charger)
