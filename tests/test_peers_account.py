"""A controller's account of its group: a whole one passes, whatever is missing or of another kind is told."""

import pytest
from peers_parts import allocation, broken, impatient, littles  # noqa: F401

from support.peers import account

pytestmark = pytest.mark.usefixtures("impatient")
STATUS = {
    "amp": 0.0, "voltage": 240, "pilot": 32, "vehicle": 0, "state": 1, "min_current": 6, "max_current": 32, "priority": 0,
}  # fmt: skip


@pytest.fixture
def group(tmp_path):
    """A world of two, and the account that the first gives."""
    with littles(tmp_path, 2) as (world, (first, _)):
        first.sharing |= {
            "enabled": True, "group_id": "", "computed_at": 1.0, "online_count": 2, "offline_count": 0,
            "peers": [{"id": "aa02", "version": "1", "last_seen": 1.0, "status": dict(STATUS)}],
            "allocations": [allocation("aa01", 16.0), allocation("aa02", 16)],
        }  # fmt: skip
        yield world, first.sharing


def test_a_whole_account_passes(group):
    world, _ = group
    account.require_complete(world)
    account.require_counts(world, 2, 0)
    account.require_counts(world, 3, 0)  # the controller may leave itself out


@pytest.mark.parametrize("key", account.WHOLE)
def test_what_an_account_lacks_is_told(group, key):
    world, told = group
    for wrong in (None, "no" if account.WHOLE[key] is not str else 5):
        told[key] = wrong
        with broken(f"the account of a group has {key}, of the right kind"):
            account.require_complete(world)


def test_an_account_without_its_time_is_told(group):
    world, told = group
    del told["computed_at"]
    with broken("tells when it was computed"):
        account.require_complete(world)


@pytest.mark.parametrize("key", account.STATUS)
def test_what_a_peers_status_lacks_is_told(group, key):
    world, told = group
    del told["peers"][0]["status"][key]
    with broken(f"a peer's status has {key}, of the right kind"):
        account.require_complete(world)


@pytest.mark.parametrize(
    ("key", "wrong", "text"),
    [
        ("peers", [], "the account of the group has the peer aa02"),
        ("peers", [{"id": "aa02", "version": "1", "last_seen": 1}], "a peer's status is an object"),
        ("peers", [{"id": "aa02", "version": "1", "status": STATUS}], "a peer has its last_seen"),
        ("peers", [{"id": "aa02", "last_seen": 1, "status": STATUS}], "a peer has its version"),
        ("allocations", [allocation("aa01", 16)], "2 allocations"),
        ("allocations", [allocation("aa01", 16), allocation("aa02", "16")], "an allocation has target_current"),
        ("allocations", [allocation("aa01", 16), "aa02"], "an allocation is an object"),
    ],
)
def test_peers_and_allocations_that_are_wrong_are_told(group, key, wrong, text):
    world, told = group
    told[key] = wrong
    with broken(text):
        account.require_complete(world)


@pytest.mark.parametrize(("online", "offline"), [(0, 0), (3, 0), (2, 1), ("2", 0), (None, None)])
def test_other_counts_are_told(group, online, offline):
    world, told = group
    told |= {"online_count": online, "offline_count": offline}
    with broken("it counts 2 as online, 0 as offline"):
        account.require_counts(world, 2, 0)
