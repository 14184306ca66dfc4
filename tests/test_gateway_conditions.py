"""How a scenario wants its gateway: every part of the words must be known."""

import pytest

from support.gateway.agreement import SETTINGS, written
from support.gateway.conditions import RATES_OFF, ROOM, Conditions, parse_conditions


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("that waits 0.5 s for a hello", {"hello_timeout": "0.5"}),
        ("that allows 1 connection from one address", {"max_connections_per_address": "1"}),
        ("that allows 10 connections from one address", {"max_connections_per_address": "10"}),
        ("that allows 1,000 connections in all", {"max_connections": "1000"}),
        ("that takes frames of up to 65,536 bytes", {"max_frame": "65536"}),
        ("that runs 1 call of a session at a time", {"max_inflight_session": "1"}),
        ("that keeps answers for 0.4 s", {"repeat_ttl": "0.4"}),
        ("which keeps answers for 1 s", {"repeat_ttl": "1"}),
        ("that waits 1.5 s for calls when it shuts down", {"shutdown_grace": "1.5"}),
        ("that lets a session ask 50 times at once and 1 time a second", {"rate_session": "50/1"}),
        ("that lets an address ask 100 times at once and 10 times a second", {"rate_address": "100/10"}),
        ("that lets all together ask 30 times at once and 2 times a second", {"rate_global": "30/2"}),
        ("without rate limits", RATES_OFF),
        ("without any limits", {**RATES_OFF, "max_inflight": ROOM, "max_inflight_session": ROOM}),
    ],
)
def test_one_setting(text, settings):
    assert parse_conditions(text) == Conditions(settings=settings)
    assert all(name in SETTINGS and written(name, value) == value for name, value in settings.items())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("with a provider", Conditions(provider=True)),
        ("with a provider that resets the connection", Conditions(provider=True, trouble="resets the connection")),
        ("that gives a provider 0.3 s", Conditions({"provider_timeout": "0.3"}, provider=True)),
        ("that opens its breaker after 3 failures", Conditions({"breaker_failures": "3"}, provider=True)),
        (
            "that opens its breaker after 2 failures for 0.5 s and gives a provider 0.2 s",
            Conditions({"breaker_failures": "2", "breaker_recovery": "0.5", "provider_timeout": "0.2"}, provider=True),
        ),
        ("whose breaker has opened", Conditions(provider=True, breaker_open="first")),
        (
            "with two providers, of which the second has made its breaker open",
            Conditions(provider=True, second_provider=True, breaker_open="second"),
        ),
        ("whose figures are known", Conditions(figures_known=True)),
        ("whose token has 15 letters", Conditions(token_length=15)),
        ("that is not started yet", Conditions(start=False)),
        ("with a provider, a bare echo beside it", Conditions(provider=True, echo=True)),
    ],
)
def test_more_than_a_setting(text, wanted):
    assert parse_conditions(text) == wanted


@pytest.mark.parametrize("joint", [" and ", ", and ", ", "])
def test_parts_are_joined(joint):
    wanted = parse_conditions(joint.join(("without rate limits", "that keeps answers for 1 s", "whose figures are known")))
    assert wanted == Conditions({**RATES_OFF, "repeat_ttl": "1"}, figures_known=True)


@pytest.mark.parametrize(
    "text",
    ["that sings", "without rate limits that sings", "with a provider and a hat", "that allows many connections in all",
     "that lets a session ask 5 times at once", "that waits 1 m for a hello"],
)  # fmt: skip
def test_an_unknown_part_is_told(text):
    with pytest.raises(ValueError, match="no gateway is known"):
        parse_conditions(text)


def test_nothing_said_is_nothing_asked_for():
    assert parse_conditions(" ") == Conditions()
