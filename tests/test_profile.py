from pathlib import Path
from typing import Annotated, ClassVar

import pytest
from pydantic import BaseModel, Discriminator, TypeAdapter

from support.kit.profile import (
    AddressSection,
    CommandSection,
    Profile,
    ProfileError,
    ReadyLog,
    ReadyUrl,
    ReferenceSection,
    SectionType,
    load_profile,
    resolve_path,
)


class Timeouts(BaseModel, extra="forbid", frozen=True):
    connect: float = 1.0
    io: float = 1.5


class Lamp(CommandSection):
    known_capabilities: ClassVar[frozenset[str]] = frozenset({"metrics", "settings"})
    timeouts: Timeouts = Timeouts()


LAMP: TypeAdapter[ReferenceSection | Lamp | AddressSection] = TypeAdapter(
    Annotated[ReferenceSection | Lamp | AddressSection, Discriminator("kind")]
)
SECTIONS: dict[str, SectionType] = {"lamp": LAMP, "door": ReferenceSection}


def load(tmp_path: Path, text: str) -> Profile:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    return load_profile(path, SECTIONS)


def refusal(tmp_path: Path, text: str) -> str:
    """The message, with the file (which has to come first in every line) cut off."""
    with pytest.raises(ProfileError) as caught:
        load(tmp_path, text)
    lines = str(caught.value).splitlines()
    start = f"{tmp_path / 'x.yaml'}: "
    assert all(line.startswith(start) for line in lines)
    return "\n".join(line.removeprefix(start) for line in lines)


def test_a_full_profile_becomes_models(tmp_path: Path) -> None:
    profile = load(
        tmp_path,
        """
lamp:
  kind: command
  argv: [hub, "{device_id}"]
  env: {DEBUG: "1"}
  ready: {url: "http://127.0.0.1:{port}/health"}
  start_timeout: 2.5
  settings: {cap: [--cap, "{value}"]}
  capabilities: [metrics]
  version: [hub, --version]
  timeouts: {connect: 0.5}
door: {kind: reference, version: "7"}
""",
    )
    lamp, door = profile.section("lamp"), profile.section("door")
    assert isinstance(lamp, Lamp)
    assert isinstance(door, ReferenceSection)
    assert profile.path == tmp_path / "x.yaml"
    assert (lamp.argv, lamp.env, lamp.start_timeout) == (["hub", "{device_id}"], {"DEBUG": "1"}, 2.5)
    assert lamp.ready == ReadyUrl(url="http://127.0.0.1:{port}/health")
    assert (lamp.settings, lamp.capabilities) == ({"cap": ["--cap", "{value}"]}, ["metrics"])
    assert lamp.version == ["hub", "--version"]
    assert (lamp.timeouts.connect, lamp.timeouts.io) == (0.5, 1.5)
    assert door.version == "7"


def test_a_short_profile_has_the_agreed_defaults(tmp_path: Path) -> None:
    lamp = load(tmp_path, "lamp: {kind: command, argv: [hub]}").section("lamp")
    assert isinstance(lamp, Lamp)
    assert (lamp.env, lamp.ready, lamp.start_timeout, lamp.settings) == ({}, "port", 10.0, {})
    assert (lamp.capabilities, lamp.version) == (None, None)


def test_an_address_may_be_controlled(tmp_path: Path) -> None:
    text = "lamp: {kind: address, control: {start: [a], restart: [b, c]}}"
    lamp = load(tmp_path, text).section("lamp")
    assert isinstance(lamp, AddressSection)
    assert (lamp.control.start, lamp.control.stop, lamp.control.restart) == (["a"], None, ["b", "c"])


def test_a_missing_section_is_none(tmp_path: Path) -> None:
    profile = load(tmp_path, "lamp: {kind: reference}")
    assert profile.section("door") is None
    assert profile.section("lamp") == ReferenceSection()
    assert load(tmp_path, "{}").section("lamp") is None


def test_a_log_pattern_is_a_way_to_be_ready(tmp_path: Path) -> None:
    lamp = load(tmp_path, "lamp: {kind: command, argv: [hub], ready: {log: '^up$'}}").section("lamp")
    assert isinstance(lamp, Lamp)
    assert lamp.ready == ReadyLog(log="^up$")


def test_models_take_their_own_kind() -> None:
    for ready in (ReadyUrl(url="http://x"), ReadyLog(log="x"), "port"):
        assert CommandSection(argv=["hub"], ready=ready).ready == ready


def test_variables_are_expanded_and_may_become_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMP_BIN", "/opt/lamp: [x]")
    monkeypatch.delenv("LAMP_WAIT", raising=False)
    lamp = load(tmp_path, "lamp: {kind: command, argv: ['${LAMP_BIN}'], start_timeout: '${LAMP_WAIT:-3}'}").section("lamp")
    assert isinstance(lamp, Lamp)
    assert (lamp.argv, lamp.start_timeout) == (["/opt/lamp: [x]"], 3.0)


COMMAND_KEYS = "argv, capabilities, env, kind, ready, settings, start_timeout, timeouts, version"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (
            "kind: command, argv: [a], capabilitys: []",
            f"lamp.capabilitys: unknown key (did you mean capabilities?); known: {COMMAND_KEYS}",
        ),
        (
            "kind: command, argv: [a], zzz: 1",
            f"lamp.zzz: unknown key; known: {COMMAND_KEYS}",
        ),
        (
            "kind: command, argv: [a], timeouts: {conect: 1}",
            "lamp.timeouts.conect: unknown key (did you mean connect?); known: connect, io",
        ),
        (
            "kind: command, argv: [a], ready: {url: 'http://x', every: 1}",
            "lamp.ready.every: unknown key; known: log, url",
        ),
        (
            "kind: address, control: {boot: [a]}",
            "lamp.control.boot: unknown key; known: restart, start, stop",
        ),
        (
            "kind: reference, argv: [a]",
            "lamp.argv: unknown key; known: capabilities, kind, version",
        ),
        (
            "kind: command",
            "lamp.argv: is missing",
        ),
        (
            "kind: comand, argv: [a]",
            "lamp.kind: unknown kind 'comand' (did you mean command?); known: address, command, reference",
        ),
        (
            "argv: [a]",
            "lamp.kind: is missing; known: address, command, reference",
        ),
        (
            "kind: command, argv: []",
            "lamp.argv: must have 1 or more, has 0",
        ),
        (
            "kind: command, argv: hub --on",
            "lamp.argv: must be a valid list, not 'hub --on'",
        ),
        (
            "kind: command, argv: [hub, 9000]",
            "lamp.argv.1: must be text, not 9000: put it in quotes",
        ),
        (
            "kind: command, argv: [hub, ]\n  , env: {A: on}",
            "lamp.env.A: must be text, not True: put it in quotes",
        ),
        (
            "kind: command, argv: [hub], env: {A: }",
            "lamp.env.A: must be text, not nothing",
        ),
        (
            "kind: command, argv: [a], start_timeout: 0",
            "lamp.start_timeout: must be greater than 0, not 0",
        ),
        (
            "kind: command, argv: [a], start_timeout: .inf",
            "lamp.start_timeout: must be a finite number, not inf",
        ),
        (
            "kind: command, argv: [a], start_timeout: soon",
            "lamp.start_timeout: must be a valid number, unable to parse string as a number, not 'soon'",
        ),
        (
            "kind: command, argv: [a], ready: prt",
            "lamp.ready: must be port, {url: address} or {log: regular expression}, not 'prt'",
        ),
        (
            "kind: command, argv: [a], ready: {uri: x}",
            "lamp.ready: must be port, {url: address} or {log: regular expression}, not {'uri': 'x'}",
        ),
        (
            "kind: command, argv: [a], ready: {log: '('}",
            "lamp.ready.log: not a regular expression: missing ), unterminated subpattern at position 0",
        ),
        (
            "kind: command, argv: [a], ready: {url: 'ftp://x'}",
            "lamp.ready.url: string should match pattern '^https?://.+', not 'ftp://x'",
        ),
        (
            "kind: command, argv: [a], settings: {cap: --cap}",
            "lamp.settings.cap: must be a valid list, not '--cap'",
        ),
        (
            "kind: command, argv: [a], capabilities: [metrics, setings]",
            "lamp.capabilities: unknown capability 'setings' (did you mean settings?); known: metrics, settings",
        ),
        (
            "kind: command, argv: [a], version: 7",
            "lamp.version: must be text, not 7: put it in quotes, or must be a valid list, not 7",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, section: str, message: str) -> None:
    assert refusal(tmp_path, f"lamp: {{{section}}}") == message


def test_an_unknown_section_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    assert refusal(tmp_path, "lapm: {kind: reference}") == "lapm: unknown section (did you mean lamp?); known: door, lamp"


@pytest.mark.parametrize(("value", "shown"), [("", "None"), ("reference", "'reference'"), ("[1]", "[1]")])
def test_a_section_that_is_no_mapping_is_refused(tmp_path: Path, value: str, shown: str) -> None:
    assert refusal(tmp_path, f"lamp: {value}") == f"lamp: must be keys and values, not {shown}"


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = "lamp: {kind: command, argv: [1], zzz: 1}\ndoor: {kind: revolving}\nwindow: {}\n"
    assert [line.split(": ")[0] for line in refusal(tmp_path, text).splitlines()] == [
        "window",
        "lamp.argv.0",
        "lamp.zzz",
        "door.kind",
    ]


def test_a_value_out_of_the_environment_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMP_TOKEN", "hunter2-secret")
    text = refusal(tmp_path, "lamp: {kind: command, argv: [a], start_timeout: '${LAMP_TOKEN}'}")
    assert "hunter2" not in text
    assert text.endswith("not '${LAMP_TOKEN}'")


def test_an_unset_variable_is_named_with_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAMP_BIN", raising=False)
    text = "lamp: {kind: command, argv: [a, '${LAMP_BIN}'], zzz: 1}"
    assert refusal(tmp_path, text) == "lamp.argv.1: the environment variable LAMP_BIN is not set"


def test_without_known_capabilities_any_may_be_claimed(tmp_path: Path) -> None:
    door = load(tmp_path, "door: {kind: reference, capabilities: [anything]}").section("door")
    assert isinstance(door, ReferenceSection)
    assert door.capabilities == ["anything"]


def test_paths_are_relative_to_the_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert resolve_path(Path("targets/x.yaml"), "bin/hub") == tmp_path / "targets" / "bin" / "hub"
    assert resolve_path(tmp_path / "t" / "x.yaml", "/opt/hub") == Path("/opt/hub")
    assert resolve_path(Path("x.yaml"), "~/hub") == tmp_path / "home" / "hub"


@pytest.mark.parametrize("url", ["http://127.0.0.1:70000/", "http://127.0.0.1:0/", "http://127.0.0.1:http/"])
def test_a_ready_url_whose_port_does_not_exist_is_refused(url):
    with pytest.raises(ValueError, match="from 1 to 65535"):
        ReadyUrl(url=url)


def test_a_ready_url_may_name_a_port_or_none():
    assert ReadyUrl(url="http://127.0.0.1:8080/health").url.endswith("/health")
    assert ReadyUrl(url="http://127.0.0.1/health").url.endswith("/health")
    assert ReadyUrl(url="http://127.0.0.1:{port}/health").url.endswith("/health")
