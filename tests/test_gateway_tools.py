"""Tools by role: what a profile says becomes the arguments of a call."""

import pytest

from support.gateway.tools import CONTRACT, ROLES, Tool, tool_of


def test_the_contract_has_a_tool_for_every_role():
    assert tuple(CONTRACT) == ROLES
    assert CONTRACT["fast"].call() == {}
    assert CONTRACT["slow"].call(ms=300) == {"ms": 300}
    assert CONTRACT["failing"].call(message="no") == {"message": "no"}
    assert CONTRACT["echo"].call(text="灯") == {"text": "灯"}
    assert CONTRACT["progress"].call(steps=3, ms=20) == {"steps": 3, "ms": 20}


def test_values_keep_their_types_and_a_text_that_looks_like_a_place_stays():
    assert CONTRACT["echo"].call(text="{ms}") == {"text": "{ms}"}
    assert Tool("x", {"n": "{ms}"}).call(ms=2.5) == {"n": 2.5}


def test_seconds_are_milliseconds_in_seconds():
    assert tool_of("slow", {"name": "nap", "arguments": {"seconds": "{s}"}}).call(ms=250) == {"seconds": 0.25}


def test_an_optional_value_drops_its_argument():
    lookup = CONTRACT["provider"]
    assert lookup.call(key="k") == lookup.call(key="k", provider=None) == {"key": "k"}
    assert lookup.call(key="k", provider="b") == {"key": "k", "provider": "b"}


def test_constants_nested_places_and_nulls_are_kept():
    tool = Tool("x", {"deep": {"list": ["{text}", 1], "null": None}, "half": "a {text}"})
    assert tool.call(text="t") == {"deep": {"list": ["t", 1], "null": None}, "half": "a {text}"}


def test_a_place_without_a_value_is_told():
    with pytest.raises(ValueError, match=r"^the tool sleep needs a value for \{ms\}$"):
        CONTRACT["slow"].call()


def test_a_name_takes_the_contract_s_arguments():
    assert tool_of("slow", "wait") == Tool("wait", {"ms": "{ms}"})


def test_whether_a_tool_takes_something():
    assert CONTRACT["provider"].takes("provider")
    assert not tool_of("provider", {"name": "x", "arguments": {"query": {"key": "{key}"}}}).takes("provider")


@pytest.mark.parametrize(
    ("role", "arguments", "said"),
    [
        ("slow", {"ms": "{z}"}, "unknown placeholder {z}; known: {ms}, {s}"),
        ("fast", {"ms": "{ms}"}, "unknown placeholder {ms}; known: none"),
        ("slow", {"ms": 5}, "its arguments have no {ms} and no {s}: the tool would not know what it is asked for"),
        ("echo", {}, "its arguments have no {text}: the tool would not know what it is asked for"),
        ("provider", {"provider": "{provider}"}, "its arguments have no {key}: the tool would not know what it is asked for"),
        ("progress", {"ms": "{ms}"}, "its arguments have no {steps}: the tool would not know what it is asked for"),
    ],
)
def test_arguments_that_cannot_be_filled_are_told(role, arguments, said):
    with pytest.raises(ValueError) as error:
        tool_of(role, {"name": "x", "arguments": arguments})
    assert str(error.value) == said
