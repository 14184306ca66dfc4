"""The settings of load sharing: what each may be, in JSON and as text, and that nothing is half-applied."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.peers.reference.node.settings import LoadSharing, SettingError, from_text, told, with_values

NOW = LoadSharing(group_max_current=32.0)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
KEYS = st.sampled_from([*told(NOW), "loadsharing_secret", "www_http_port", "loadsharing_", "role"])


def change(name, value, now=NOW, **others):
    return with_values(now, {f"loadsharing_{name}": value}, **others)


def test_the_defaults_are_those_of_the_contract():
    assert told(LoadSharing()) == {
        "loadsharing_enabled": False, "loadsharing_role": "", "loadsharing_controller_host": "", "loadsharing_group_id": "",
        "loadsharing_group_max_current": 0, "loadsharing_safety_factor": 1, "loadsharing_heartbeat_timeout": 30,
        "loadsharing_failsafe_mode": "safe_current", "loadsharing_failsafe_safe_current": 6,
        "loadsharing_failsafe_peer_assumed_current": 6, "loadsharing_priority": 0, "loadsharing_rotation_interval": 1800,
        "loadsharing_secret_set": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("enabled", True), ("enabled", False), ("role", "controller"), ("role", "member"), ("role", ""),
        ("controller_host", "charger.local"), ("controller_host", "127.0.0.1:8001"), ("controller_host", "[::1]:80"),
        ("controller_host", ""), ("group_id", "garage 2"), ("group_id", ""), ("group_max_current", 63), ("group_max_current", 6),
        ("group_max_current", 62.5), ("safety_factor", 0), ("safety_factor", 0.8), ("safety_factor", 1),
        ("heartbeat_timeout", 5), ("heartbeat_timeout", 600), ("failsafe_mode", "disable"), ("failsafe_mode", "safe_current"),
        ("failsafe_safe_current", 0), ("failsafe_safe_current", 32), ("failsafe_peer_assumed_current", 80), ("priority", 3),
        ("priority", -1), ("rotation_interval", 0), ("rotation_interval", 0.5),
    ],
)  # fmt: skip
def test_a_good_value_is_taken_and_told_as_it_was_given(name, value):
    changed = change(name, value)
    assert told(changed) == {**told(NOW), f"loadsharing_{name}": value}
    assert type(told(changed)[f"loadsharing_{name}"]) is type(value)
    assert change(name, value, changed) == changed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("enabled", 1), ("enabled", "true"), ("enabled", None), ("role", "king"), ("role", "Member"), ("role", None),
        ("role", True), ("role", []), ("controller_host", "localhost"), ("controller_host", 5),
        ("controller_host", "a b.local"), ("group_id", 5), ("group_id", "x" * 129), ("group_id", "two\nlines"),
        ("group_max_current", -1), ("group_max_current", 10_001), ("group_max_current", "32"), ("group_max_current", True),
        ("group_max_current", math.inf), ("group_max_current", None), ("safety_factor", 1.5), ("safety_factor", -0.1),
        ("safety_factor", 1.0000001), ("safety_factor", math.nan), ("safety_factor", False), ("heartbeat_timeout", 0),
        ("heartbeat_timeout", 4.99), ("heartbeat_timeout", 601), ("heartbeat_timeout", 10**400), ("failsafe_mode", "hope"),
        ("failsafe_mode", ""), ("failsafe_safe_current", 81), ("failsafe_safe_current", -0.001),
        ("failsafe_safe_current", 40), ("failsafe_peer_assumed_current", -1), ("failsafe_peer_assumed_current", 80.01),
        ("priority", 1.5), ("priority", "1"), ("priority", True), ("priority", math.inf), ("priority", 100_001),
        ("rotation_interval", -1), ("rotation_interval", 604_801), ("secret", 5), ("secret", None), ("secret", "\udc80"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_with_its_key(name, value):
    with pytest.raises(SettingError, match=f"^loadsharing_{name}"):
        change(name, value)


def test_a_whole_number_may_be_written_with_a_point():
    assert change("priority", 2.0).priority == 2
    assert type(told(change("heartbeat_timeout", 60.0))["loadsharing_heartbeat_timeout"]) is int


def test_a_program_may_allow_shorter_heartbeats():
    assert change("heartbeat_timeout", 0.5, shortest_heartbeat=0.5).heartbeat_timeout == 0.5
    with pytest.raises(SettingError, match=r"from 0\.5 to 600 s$"):
        change("heartbeat_timeout", 0.4, shortest_heartbeat=0.5)


def test_other_keys_are_passed_over():
    others = {"role": "king", "www_http_port": "x", "loadsharing_colour": 1, "loadsharing_secret_set": True}
    assert with_values(NOW, others) == NOW
    assert with_values(NOW, {**others, "loadsharing_priority": 1}) == replace(NOW, priority=1)


def test_what_is_told_can_be_set_again_and_changes_nothing():
    assert with_values(NOW, told(NOW)) == NOW
    assert with_values(LoadSharing(), told(LoadSharing())) == LoadSharing()


def test_the_secret_is_never_shown():
    changed = change("secret", "s3cr3t-canary")
    assert changed.secret == "s3cr3t-canary"
    assert told(changed)["loadsharing_secret_set"] is True
    assert "canary" not in json.dumps(told(changed)) + repr(changed)
    assert change("secret", "", changed).secret == ""
    with pytest.raises(SettingError) as caught:
        change("secret", "s3cr3t-canary\n")
    assert "canary" not in str(caught.value)


def test_a_good_and_a_bad_value_together_change_nothing():
    before = told(NOW)
    with pytest.raises(SettingError, match="safety_factor"):
        with_values(NOW, {"loadsharing_group_max_current": 40, "loadsharing_safety_factor": 7})
    assert told(NOW) == before


class TestSafeCurrent:
    """It must not exceed what the group has."""

    def test_neither_may_pass_the_other(self):
        with pytest.raises(SettingError, match=r"failsafe_safe_current \(40 A\) must not exceed .*group_max_current \(32 A\)"):
            change("failsafe_safe_current", 40)
        with pytest.raises(SettingError, match=r"\(6 A\) must not exceed .* \(5 A\)"):
            change("group_max_current", 5)
        with pytest.raises(SettingError, match="must not exceed"):
            with_values(LoadSharing(), {"loadsharing_group_max_current": 10, "loadsharing_failsafe_safe_current": 10.01})

    def test_both_may_change_together(self):
        changed = with_values(NOW, {"loadsharing_group_max_current": 63, "loadsharing_failsafe_safe_current": 40})
        assert (changed.group_max_current, changed.failsafe_safe_current) == (63, 40)
        assert change("failsafe_safe_current", 32).failsafe_safe_current == 32

    def test_who_knows_nothing_of_the_group_may_have_one(self):
        values = {"loadsharing_enabled": True, "loadsharing_role": "member", "loadsharing_failsafe_safe_current": 10}
        member = with_values(LoadSharing(), values)
        assert with_values(member, {"loadsharing_role": ""}).failsafe_safe_current == 10

    def test_a_controller_must_know_the_group(self):
        controller = {"loadsharing_enabled": True, "loadsharing_role": "controller"}
        with pytest.raises(SettingError, match="must not exceed"):
            with_values(LoadSharing(), controller)
        assert with_values(LoadSharing(), {**controller, "loadsharing_group_max_current": 6}).enabled


class TestText:
    """Values as a command line writes them."""

    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("enabled", "true", True), ("enabled", "FALSE", False), ("enabled", "1", True), ("enabled", "0", False),
            ("role", "member", "member"), ("controller_host", "127.0.0.1:8001", "127.0.0.1:8001"), ("group_id", "1", "1"),
            ("group_max_current", "63", 63), ("group_max_current", "62.5", 62.5), ("safety_factor", "0.8", 0.8),
            ("heartbeat_timeout", " 60 ", 60), ("priority", "-3", -3), ("priority", "2.0", 2), ("secret", "1", "1"),
        ],
    )  # fmt: skip
    def test_it_is_read_as_the_setting_is(self, name, text, value):
        assert from_text(NOW, [(f"loadsharing_{name}", text)]) == change(name, value)

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("enabled", "yes"), ("enabled", ""), ("role", "king"), ("group_max_current", "nan"), ("group_max_current", "inf"),
            ("group_max_current", ""), ("group_max_current", "1_0"), ("group_max_current", "1e1"), ("group_max_current", "٣٢"),
            ("safety_factor", "1.5"), ("priority", "1.5"), ("heartbeat_timeout", "9" * 5000), ("controller_host", "localhost"),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused_with_its_key(self, name, text):
        with pytest.raises(SettingError, match=f"^loadsharing_{name}"):
            from_text(NOW, [(f"loadsharing_{name}", text)])

    def test_the_last_one_counts_and_the_order_does_not(self):
        pairs = [("loadsharing_failsafe_safe_current", "40"), ("loadsharing_priority", "1"), ("colour", "red")]
        changed = from_text(NOW, [*pairs, ("loadsharing_group_max_current", "63"), ("loadsharing_priority", "2")])
        assert changed == replace(NOW, failsafe_safe_current=40.0, group_max_current=63.0, priority=2)


@given(st.dictionaries(KEYS, JSON, max_size=4))
def test_whatever_is_posted_gives_settings_that_can_be_told_and_kept_or_is_refused(values):
    changed = settings_or_refusal(values)
    if isinstance(changed, LoadSharing):
        shown = json.loads(json.dumps(told(changed), allow_nan=False))
        assert with_values(LoadSharing(), {**shown, "loadsharing_secret": changed.secret}) == changed
    else:
        assert changed.startswith("loadsharing_")
        assert changed.isprintable()


def settings_or_refusal(values):
    try:
        return with_values(NOW, values)
    except SettingError as error:
        return str(error)
