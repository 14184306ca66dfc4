"""The words by which peers are named: what they mean, what means the same, and what means nothing."""

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.peers.protocol import Refusal
from support.peers.reference.node.hosts import Host, HostError, parse_host

LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])
PORTS = st.integers(1, 65_535)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("10.0.0.5", Host("10.0.0.5")),
        ("127.0.0.1:8001", Host("127.0.0.1", 8001)),
        ("127.0.0.1.", Host("127.0.0.1")),
        ("::1", Host("::1")),
        ("[::1]", Host("::1")),
        ("[::1]:8001", Host("::1", 8001)),
        ("2001:DB8:0:0::5", Host("2001:db8::5")),
        ("name.local", Host("name.local")),
        ("name.local:8001", Host("name.local", 8001)),
        ("name.local:08001", Host("name.local", 8001)),
        ("openevse-1a2b.local.", Host("openevse-1a2b.local")),
        ("name.local.:80", Host("name.local", 80)),
        ("Name.LOCAL", Host("name.local")),
        ("  name.local\n", Host("name.local")),
        ("car_port.example.org", Host("car_port.example.org")),
        ("4charge.example", Host("4charge.example")),
        (LONGEST, Host(LONGEST)),
        (LONGEST + ".", Host(LONGEST)),
    ],
)
def test_it_means_this_host(text, host):
    assert parse_host(text) == host


@pytest.mark.parametrize("text", ["", " ", "\t\n"])
def test_nothing_is_empty(text):
    with pytest.raises(HostError) as caught:
        parse_host(text)
    assert str(caught.value) == "Host cannot be empty" == Refusal.EMPTY_HOST


@pytest.mark.parametrize(
    "text",
    [
        "localhost", "charger", "charger.", "12345", ".", "..", ".local", "name..local", "name.local..",
        "999.1.1.1", "256.0.0.1", "1.2.3", "10.5", "1.2.3.4.5", "01.2.3.4", "127.0.0.0x1", "name.0x", "name.7",
        "name.local:", "name.local:0", "name.local:65536", "name.local:99999999999", "name.local:-1",
        "name.local:+80", "name.local:8o",
        "10.0.0.5:", "10.0.0.5:70000", "10.0.0.5: 80", "10.0.0.5:٨٠", ":8001", "name.local :80",
        ":::", "[::1", "::1]", "[]", "[]:80", "[::1]80", "[::1]:", "[::1]:0", "[::1]:x", "[10.0.0.5]", "[name.local]", "1::2::3",
        "[::1]:80:80", "[[::1]]", "fe80::1%lo", "[fe80::1%1]:80", "::1.", "12345::",
        "name local.org", "na/me.local", "http://name.local", "name.local/", "me@name.local", "name.local?x", "name%2elocal",
        "*.local", "{host}.local", "'name.local'",
        "näme.local", "name。local", "\N{KELVIN SIGN}.local", "name\0.local", "name.lo\ncal",
        "-name.local", "name-.local", "name.-local",
        "a" * 64 + ".local", LONGEST + "d", "name.local\\",
    ],
)  # fmt: skip
def test_it_means_no_host(text):
    with pytest.raises(HostError) as caught:
        parse_host(text)
    assert str(caught.value) == "Invalid host format - must contain domain or IP" == Refusal.BAD_HOST


@pytest.mark.parametrize(("host", "text"), [(Host("::1", 80), "[::1]:80"), (Host("::1"), "[::1]"), (Host("a.b", 80), "a.b:80")])
def test_it_is_written_as_in_a_url(host, text):
    assert str(host) == text


def test_the_same_address_with_another_port_is_another_host():
    assert len({parse_host("127.0.0.1"), parse_host("127.0.0.1:8001"), parse_host("127.0.0.1:8002")}) == 3


@given(st.ip_addresses(v=4), PORTS)
def test_every_ipv4_address_is_a_host(address, port):
    assert parse_host(f"{address}:{port}") == Host(str(address), port)


@given(st.ip_addresses(v=6), PORTS)
def test_every_form_of_an_ipv6_address_is_one_host(address: IPv6Address, port):
    forms = [f"[{address.exploded}]:{port}", f"[{address.compressed.upper()}]:{port}"]
    assert {parse_host(form) for form in forms} == {Host(address.compressed, port)}
    assert parse_host(str(address)) == parse_host(f"[{address}]") == Host(str(address))


@given(st.text(st.characters(), max_size=40) | st.text(st.sampled_from("aZ09.-_:[]% 0x"), max_size=30))
def test_any_text_is_a_host_or_refused_and_what_is_written_is_read_again(text):
    host = host_or_refusal(text)
    if isinstance(host, Host):
        assert parse_host(str(host)) == parse_host(text.upper()) == host
    else:
        assert host in (Refusal.EMPTY_HOST, Refusal.BAD_HOST)


def host_or_refusal(text):
    try:
        return parse_host(text)
    except HostError as error:
        return str(error)
