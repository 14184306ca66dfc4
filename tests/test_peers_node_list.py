"""Who is around, without any network: one entry for each device, whatever is learned of it and in whatever order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.peers.reference.node.hosts import HostError, parse_host
from support.peers.reference.node.peers import GroupFullError, Peers, Sighting, is_own

OWN = "0wn"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def made() -> tuple[Peers, Clock]:
    clock = Clock()
    return Peers(OWN, lambda: 30.0, clock), clock


def sighting(number: int, port: int | None = None, known_id: str | None = None) -> Sighting:
    name = f"box-{number}"
    return Sighting(
        name, f"{name}.local", f"id-{number}" if known_id is None else known_id, "1", "10.0.0.1", port or 8000 + number
    )


def test_a_sighting_is_listed_until_nothing_is_seen_for_the_heartbeat_time():
    peers, clock = made()
    peer = peers.sighted(sighting(1))
    assert (peer.host, peer.url, peer.ip, peers.online(peer)) == ("box-1.local", "http://10.0.0.1:8001", "10.0.0.1", True)
    clock.now += 30
    assert peers.sweep() == []
    clock.now += 0.1
    assert peers.sweep() == [peer]
    assert peers.all == []


def test_the_device_does_not_list_itself():
    peers, _ = made()
    assert peers.sighted(sighting(1, known_id=OWN)) is None
    peer, new = peers.join("10.0.0.7")
    assert new
    assert peers.identified(peer, OWN) is None
    assert peers.all == []


def test_a_member_stays_and_is_offline_when_it_is_silent():
    peers, clock = made()
    peers.sighted(sighting(1))
    peer, _ = peers.join("BOX-1.local")
    assert (peer.host, peer.address, peers.online(peer)) == ("BOX-1.local", ("10.0.0.1", 8001), True)
    clock.now += 31
    assert (peers.sweep(), peers.online(peer), peers.reckoned(peer)) == ([], False, False)
    peers.heard(peer)
    assert peers.online(peer)
    assert peers.goodbye("Box-1") is peer
    assert (peers.online(peer), peers.reckoned(peer), peers.all) == (False, True, [peer])


def test_who_leaves_stays_listed_where_it_is_still_seen():
    peers, clock = made()
    peer = peers.sighted(sighting(1))
    peers.join("10.0.0.1:8001")
    assert peers.leave("box-1.local") is peer
    assert (peers.all, peer.joined, peers.online(peer)) == ([peer], False, True)
    stranger, _ = peers.join("10.0.0.9")
    assert peers.leave("10.0.0.9:80") is stranger
    assert peers.all == [peer]
    peers.join("box-1.local")
    clock.now += 31
    peers.leave("box-1.local")
    assert peers.all == []
    assert peers.leave("box-1.local") is None
    assert peers.leave("no host") is None


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("10.0.0.5", "10.0.0.5", True),
        ("10.0.0.5", "10.0.0.5:80", True),
        ("10.0.0.5:80", "10.0.0.5", True),
        ("10.0.0.5:8001", "10.0.0.5", False),
        ("[::1]:8001", "[0:0::1]:8001", True),
        ("[::1]:8001", "[::1]:8002", False),
        ("Box.Example.", "box.example", True),
        ("box.example", "box.example.org", False),
    ],
)
def test_hosts_compare_without_regard_to_spelling(text, name, found):
    peers, _ = made()
    peer, _ = peers.join(text)
    assert peers.find(parse_host(name)) is (peer if found else None)


def test_a_group_has_eight_members_with_the_device_itself():
    peers, _ = made()
    for number in range(7):
        peers.join(f"10.0.0.{number + 1}")
    with pytest.raises(GroupFullError, match="8 members"):
        peers.join("10.0.0.8")
    with pytest.raises(HostError):
        peers.join("nonsense")
    assert peers.join("10.0.0.3") == (peers.joined[2], False)


def test_what_is_restored_is_there_once():
    peers, _ = made()
    for hosts, known_id in (
        (["10.0.0.1"], "a"),
        (["10.0.0.1:80"], ""),
        (["10.0.0.2"], "a"),
        (["10.0.0.3"], OWN),
        (["10.0.0.4"], ""),
    ):
        peers.restore(hosts, known_id)
    assert [peer.hosts for peer in peers.all] == [["10.0.0.1"], ["10.0.0.4"]]
    with pytest.raises(HostError):
        peers.restore(["nonsense"], "")


def test_own_ways_are_known():
    own = {("10.0.0.1", 80), ("10.0.0.1", None), ("me.local", None)}
    assert is_own(parse_host("ME.local."), own)
    assert is_own(parse_host("10.0.0.1:80"), own)
    assert not is_own(parse_host("10.0.0.1:81"), own)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["see", "see late", "join name", "join address", "leave", "tell id", "goodbye", "wait"]),
        st.integers(0, 4),
    ),
    max_size=40,
)


@given(STEPS)
def test_one_device_has_one_entry_whatever_happens(steps):
    peers, clock = made()
    for what, number in steps:
        if what == "see":
            peers.sighted(sighting(number))
        elif what == "see late":
            peers.sighted(sighting(number, known_id=""))
        elif what == "join name":
            peers.join(f"box-{number}.local")
        elif what == "join address":
            peers.join(f"10.0.0.1:{8000 + number}") if len(peers.joined) < 7 else None
        elif what == "leave":
            peers.leave(f"box-{number}.local")
        elif what == "tell id":
            for peer in list(peers.all):
                if f"10.0.0.1:{8000 + number}" in peer.hosts or peer.id == f"id-{number}":
                    peers.identified(peer, f"id-{number}")
        elif what == "goodbye":
            peers.goodbye(f"box-{number}")
        else:
            clock.now += 20
            peers.sweep()
        known = [peer.id for peer in peers.all if peer.id]
        assert len(known) == len(set(known))
        instances = [peer.sighting.instance for peer in peers.all if peer.sighting]
        assert len(instances) == len(set(instances))
        hosts = [host for peer in peers.all for host in peer.hosts]
        assert len(hosts) == len(set(hosts))
        for peer in peers.all:
            assert peer.url.startswith("http://")
            assert peer.label
