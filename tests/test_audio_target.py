"""Profiles of the audio slice: what they become, and what is said about those that are wrong."""

import sys
from pathlib import Path

import pytest
from profiles import every_section

from support.audio.agreement import written
from support.audio.protocol import STAGES
from support.audio.target import CAPABILITIES, NEEDS, SECTION, open_target
from support.kit.errors import DeclinedError
from support.kit.profile import ProfileError, load_profile

TARGETS = Path(__file__).resolve().parents[1] / "targets"
BARE = "kind: command, argv: [prog, '{port}']"
THERE = "kind: address, url: 'http://pipe.example:3000/x/'"
TOKEN = "canary-0123456789"


def target(tmp_path, text):
    path = tmp_path / "profile.yaml"
    path.write_text(f"audio: {{{text}}}", encoding="utf-8")
    return open_target(load_profile(path, {"audio": SECTION}).section("audio"), path)  # type: ignore[arg-type]


def example_of(name):
    return open_target(load_profile(TARGETS / name, every_section()).section("audio"), TARGETS / name)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def reference():
    return open_target(None, TARGETS / "reference.yaml")


# --- the reference, and the examples


def test_a_missing_section_is_the_reference(reference):
    assert (reference.name, reference.kind, reference.launches) == ("audio reference", "command", True)
    assert reference.version[0].isdigit()
    assert {need: reference.missing(need) for need in NEEDS} == dict.fromkeys(NEEDS)
    assert (reference.stages, reference.has_token) == (STAGES, False)


def test_the_example_of_a_command_is_the_reference(monkeypatch, reference):
    monkeypatch.setenv("PYTHON", sys.executable)
    example = example_of("example-command.yaml")
    assert (example.capabilities, set(example.settings), example.stages, example.env) == (
        reference.capabilities, set(reference.settings), reference.stages, reference.env,
    )  # fmt: skip
    values = {"port": "1", "token_file": "/t"}
    settings = {"max_sessions": "3", "token": TOKEN}
    words, ours = (" ".join(each.command_line(values, settings)).replace("=", " ") for each in (example, reference))
    assert words == ours
    assert example.version.endswith(reference.version)


def test_the_example_of_an_address_may_have_a_token(monkeypatch):
    monkeypatch.delenv("AUDIO_TOKEN", raising=False)
    monkeypatch.setenv("GATEWAY_TOKEN", "0123456789abcdef")
    example = example_of("example-address.yaml")
    assert (example.name, example.url, example.token) == ("audio 127.0.0.1:3000", "http://127.0.0.1:3000", None)
    assert example.capabilities == set(CAPABILITIES) - {"limits"}
    monkeypatch.setenv("AUDIO_TOKEN", TOKEN)
    example = example_of("example-address.yaml")
    assert (example.token, example.has_token) == (TOKEN, True)
    assert TOKEN not in repr(example)


# --- what is claimed


def test_an_address_is_given_no_settings(tmp_path):
    there = target(tmp_path, THERE)
    reason = "the profile's settings map neither max_sessions nor idle_timeout"
    assert there.missing("limits") == reason
    assert there.missing("settings") == "the profile maps no settings"
    assert [there.missing(need) for need in ("batch", "metrics", "reconnect")] == [None] * 3
    assert there.can("max_chunk", "10.0") is None
    assert there.can("max_chunk", "1") == (
        "max_chunk is agreed to be 10, not 1, and a pipeline that runs already is not given other settings"
    )


def test_what_is_claimed_without_means_is_told(tmp_path):
    claimed = target(tmp_path, f"{BARE}, capabilities: [limits, batch]")
    assert claimed.missing("limits") == "the profile's settings map neither max_sessions nor idle_timeout"
    assert claimed.missing("batch") is None
    assert claimed.missing("metrics") == "the target does not claim it"


def test_a_need_that_nobody_knows_is_a_mistake(reference):
    with pytest.raises(LookupError, match="'cancel' is no capability of an audio pipeline; known: batch"):
        reference.missing("cancel")


# --- settings and tokens


def test_settings_and_placeholders_are_filled_in(tmp_path):
    some = target(
        tmp_path,
        "kind: command, argv: [prog, '--at={port}'], env: {SECRET: '{token}'}, settings: {idle_timeout: [--idle, '{value}s']}",
    )
    values = {"port": "7", "token": "{port}", "token_file": ""}
    assert some.command_line(values, {"idle_timeout": "1.5", "max_chunk": "10"}) == ["prog", "--at=7", "--idle", "1.5s"]
    assert some.environment(values) == {"SECRET": "{port}"}
    assert some.has_token
    assert some.can("idle_timeout", "1") is None
    assert some.can("max_sessions", "3") == "max_sessions is agreed to be 200, not 3, and the profile does not map this setting"


@pytest.mark.parametrize(
    ("text", "can"),
    [
        (BARE, "the profile has no token, and maps no setting for one"),
        (f"{BARE}, settings: {{token: ['{{value}}']}}", None),
        (f"{BARE}, settings: {{token: ['{{token_file}}']}}", None),
        (f"{BARE}, settings: {{token: ['{{token}}']}}", None),
        (f"{BARE}, env: {{T: '{{token_file}}'}}", None),
        (THERE, "the profile has no token, and maps no setting for one"),
        (f"{THERE}, token: {TOKEN}", None),
        (f"{THERE}, token: ''", "the profile has no token, and maps no setting for one"),
    ],
)
def test_whether_a_token_can_be_had(tmp_path, text, can):
    assert target(tmp_path, text).can("token", TOKEN) == can


@pytest.mark.parametrize(
    ("setting", "value", "text"),
    [
        ("max_sessions", "3.0", "3"),
        ("max_frame", "16777216", "16777216"),
        ("idle_timeout", "1.50", "1.5"),
        ("token", "007", "007"),
    ],
)
def test_a_value_is_written_in_one_way(setting, value, text):
    assert written(setting, value) == text


@pytest.mark.parametrize(
    ("setting", "value"), [("max_chunk", "0"), ("max_chunk", "nan"), ("max_chunk", "-1"), ("max_chunk", "x")]
)
def test_a_value_that_makes_no_sense_is_a_mistake(setting, value):
    with pytest.raises(ValueError, match=r"above 0|could not convert"):
        written(setting, value)


def test_a_setting_that_nobody_knows_is_a_mistake():
    with pytest.raises(LookupError, match="'colour' is no setting of a pipeline; known: max_sessions"):
        written("colour", "1")


# --- stages and names


def test_stages_that_are_not_there_are_declined(tmp_path):
    some = target(tmp_path, f"{BARE}, stages: [limiter, vad]")
    some.require_stages(["vad", "limiter"])
    with pytest.raises(DeclinedError, match=r"^the profile's stages have no agc, no equalizer$"):
        some.require_stages(["vad", "agc", "equalizer"])


def test_names_go_to_and_fro(tmp_path):
    some = target(tmp_path, f"{BARE}, parameters: {{voice_filter: {{low_hz: low_cut}}}}")
    assert (some.own_name("voice_filter", "low_hz"), some.own_name("limiter", "low_hz")) == ("low_cut", "low_hz")
    assert (some.contract_name("voice_filter", "low_cut"), some.contract_name("voice_filter", "order")) == ("low_hz", "order")


# --- mistakes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: command", "audio.argv: is missing"),
        ("kind: command, argv: [prog]", "audio.argv: has no {port}: the pipeline would not know where it is to listen"),
        ("kind: command, argv: [prog, '{prot}']", "audio.argv: unknown placeholder {prot}; known: {port}, {token}, {token_file}"),
        (f"{BARE}, env: {{A: '{{pot}}'}}", "audio.env: A has an unknown placeholder {pot}"),
        (f"{BARE}, ready: {{url: 'http://h:{{mp}}/'}}", "unknown placeholder {mp}; known: {port}"),
        (f"{BARE}, settings: {{colour: ['{{value}}']}}", "audio.settings: unknown setting colour; known: max_sessions"),
        (f"{BARE}, settings: {{max_chunk: [x]}}", "audio.settings: max_chunk has no {value}: the pipeline would not know"),
        (f"{BARE}, settings: {{max_chunk: ['{{value}}{{port}}']}}", "audio.settings: unknown placeholder {port}; known: {value}"),
        (f"{BARE}, settings: {{token: [x]}}", "audio.settings: token has no {value} or {token} or {token_file}"),
        (f"{BARE}, stages: [reverb]", "audio.stages"),
        (f"{BARE}, stages: []", "audio.stages"),
        (f"{BARE}, parameters: {{reverb: {{a: b}}}}", "audio.parameters"),
        (f"{BARE}, parameters: {{vad: {{a: x, b: x}}}}", "audio.parameters: two names of vad become the same one"),
        (f"{BARE}, capabilities: [cancel]", "audio.capabilities: unknown capability 'cancel'"),
        ("kind: address", "audio.url: is missing"),
        ("kind: address, url: 'ws://h:1'", "audio.url: must be http://HOST:PORT or https://HOST:PORT"),
        ("kind: address, url: 'http://h:99999'", "audio.url: must be http://HOST:PORT"),
        (f"{THERE}, token: abc", "audio.token: has 3 characters: with less than 4 it could not be cut out of the evidence"),
        (f"{THERE}, settings: {{}}", "audio.settings: unknown key"),
        ("kind: container", "audio.kind: unknown kind 'container'; known: address, command, reference"),
    ],
)
def test_mistakes_are_named(tmp_path, text, said):
    with pytest.raises(ProfileError) as error:
        target(tmp_path, text)
    assert said in str(error.value)


def test_a_token_from_the_environment_is_not_told(tmp_path, monkeypatch):
    monkeypatch.setenv("AUDIO_TOKEN", "q7z")
    with pytest.raises(ProfileError) as error:
        target(tmp_path, f"{THERE}, token: '${{AUDIO_TOKEN}}'")
    assert "q7z" not in str(error.value)
