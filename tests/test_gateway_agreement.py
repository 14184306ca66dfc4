"""Values of settings, however they are written."""

import pytest

from support.gateway import agreement
from support.gateway.agreement import DEFAULTS, written


@pytest.mark.parametrize(
    ("setting", "value", "text"),
    [
        ("max_frame", 33554432, "33554432"),
        ("max_frame", "1e3", "1000"),
        ("breaker_failures", 5.0, "5"),
        ("hello_timeout", 0.25, "0.25"),
        ("hello_timeout", "15.0", "15"),
        ("rate_session", "50/5", "50/5"),
        ("rate_session", " 050 / 5.0 ", "50/5"),
        ("rate_global", "3/0.5", "3/0.5"),
        ("rate_address", False, "off"),
        ("rate_address", "OFF", "off"),
    ],
)
def test_a_value_is_one_text(setting, value, text):
    assert written(setting, value) == text


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("max_inflight", 0, "must be a whole number from 1 on, not 0"),
        ("max_inflight", 1.5, "must be a whole number from 1 on, not 1.5"),
        ("max_inflight", True, "must be a whole number from 1 on, not True"),
        ("repeat_ttl", "soon", "must be a number of seconds above 0, not 'soon'"),
        ("repeat_ttl", float("inf"), "must be a number of seconds above 0, not inf"),
        ("repeat_ttl", 0, "must be a number of seconds above 0, not 0"),
        ("rate_session", 50, "must be BURST/PER_SECOND such as 50/5, or off, not 50"),
        ("rate_session", "0/5", "must be BURST/PER_SECOND such as 50/5, or off, not '0/5'"),
        ("rate_session", "5/0", "must be BURST/PER_SECOND such as 50/5, or off, not '5/0'"),
        ("rate_session", True, "must be BURST/PER_SECOND such as 50/5, or off, not True"),
    ],
)
def test_a_value_that_a_setting_cannot_have_is_told(setting, value, said):
    with pytest.raises(ValueError) as error:
        written(setting, value)
    assert str(error.value) == said


def test_an_unknown_setting_is_told_with_the_known_ones():
    with pytest.raises(LookupError, match="unknown setting colour; known: provider_timeout, breaker_failures"):
        written("colour", "1")


def test_the_defaults_are_the_contract_s():
    assert len(DEFAULTS) == 16
    assert all(value is None or written(name, value) == value for name, value in DEFAULTS.items())
    assert [name for name, value in DEFAULTS.items() if value is None] == ["provider_timeout"]
    assert set(agreement.COUNTS) | set(agreement.RATES) < set(agreement.SETTINGS)
