"""Profiles of the toggle slice: what they become, and what is said about those that are wrong."""

import sys
from pathlib import Path

import pytest

from support.kit.profile import ProfileError, load_profile
from support.toggle.target import CAPABILITIES, SECTION, open_target

ALL = '"{device_id}", "{device_host}", "{device_port}", "{state}", "{max_attempts}"'
ARGV = (
    '[prog, toggle, --name, "{device_id}", --to, "{device_host}", --port, "{device_port}", "--state={state}", --metrics,'
    ' "{metrics_port}", "-n{max_attempts}"]'
)
VALUES = {
    "device_id": "D",
    "device_host": "127.0.0.1",
    "device_port": "9000",
    "state": "on",
    "metrics_port": "9400",
    "max_attempts": "2",
}


def target(tmp_path, text):
    path = tmp_path / "profile.yaml"
    path.write_text(text, encoding="utf-8")
    profile = load_profile(path, {"toggle": SECTION})
    return open_target(profile.section("toggle"), path)  # type: ignore[arg-type]


def command(tmp_path, more=""):
    return target(tmp_path, f"toggle:\n  kind: command\n  argv: {ARGV}\n{more}")


def test_a_missing_section_is_the_reference():
    reference = open_target(None, Path("targets/reference.yaml"))
    assert reference.serves
    assert reference.name == "toggle reference"
    assert all(reference.missing(need) is None for need in CAPABILITIES)


def test_a_command_line_is_filled_in(tmp_path):
    assert command(tmp_path).one_shot(VALUES, {}) == [
        "prog", "toggle", "--name", "D", "--to", "127.0.0.1", "--port", "9000", "--state=on", "--metrics", "9400", "-n2",
    ]  # fmt: skip


def test_a_value_that_looks_like_a_placeholder_is_not_filled_in_again(tmp_path):
    line = command(tmp_path).one_shot(VALUES | {"state": "{device_port}"}, {})
    assert "--state={device_port}" in line


def test_settings_are_mapped_to_arguments(tmp_path):
    hub = command(tmp_path, '  settings: {backoff_base: [--base, "{value}"], backoff_cap: ["--cap={value}"]}\n')
    assert hub.missing("settings") is None
    assert hub.one_shot(VALUES, {"backoff_base": "0.1", "backoff_cap": "0.2"})[-3:] == ["--base", "0.1", "--cap=0.2"]


def test_serving_is_derived_where_it_is_claimed(tmp_path):
    hub = command(tmp_path, "  capabilities: [serve]\n")
    assert hub.serves
    assert hub.serve(VALUES, {}) == ["prog", "serve", "--metrics", "9400", "-n2"]


def test_serving_is_not_assumed(tmp_path):
    hub = command(tmp_path)
    assert not hub.serves
    assert hub.missing("serve") == "the target does not claim it"
    assert hub.missing("logs") is None


def test_serving_that_nobody_can_start_is_skipped_with_the_reason(tmp_path):
    hub = target(tmp_path, f"toggle: {{kind: command, argv: [prog, {ALL}], capabilities: [serve, metrics]}}")
    assert "serve_argv" in (hub.missing("serve") or "")
    assert "{metrics_port}" in (hub.missing("metrics") or "")


def test_a_capability_that_is_not_claimed_is_named(tmp_path):
    hub = command(tmp_path, "  capabilities: [metrics]\n")
    assert hub.missing("metrics") is None
    assert hub.missing("strict_ack") == "the target does not claim it"
    with pytest.raises(LookupError, match="telepathy"):
        hub.missing("telepathy")


def test_files_beside_the_profile_are_found_there(tmp_path):
    (tmp_path / "hub.py").touch()
    hub = target(tmp_path, f"toggle: {{kind: command, argv: [python3, hub.py, {ALL}]}}")
    assert hub.argv[:2] == ("python3", str(tmp_path / "hub.py"))
    assert hub.name == "toggle hub.py"


def test_a_version_is_a_text_or_asked_for(tmp_path):
    assert command(tmp_path, "  version: '2.4'\n").version == "2.4"
    assert command(tmp_path, f"  version: [{sys.executable}, -c, 'print(\"hub 2.5\")']\n").version == "hub 2.5"
    assert command(tmp_path).version == "of unknown version"


def test_no_longest_wait_is_a_null(tmp_path):
    assert command(tmp_path, "  backoff: {base: 0.5, cap: null, jitter: 0}\n").agreement.wait(10) == 256.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"toggle: {{kind: command, argv: {ARGV}, capabilities: [metrics, telepathy]}}", "telepathy.*strict_ack"),
        (f"toggle: {{kind: command, argv: {ARGV}, colour: red}}", "colour.*argv"),
        (f"toggle: {{kind: command, argv: [prog, {ALL}, '{{colour}}']}}", "{colour}.*{state}"),
        ("toggle: {kind: command, argv: [prog, '{device_host}']}", "no {device_id} and no {device_port}"),
        ("toggle: {kind: command}", "argv"),
        ("toggle: {kind: address}", "kind|address"),
        (f"toggle: {{kind: command, argv: {ARGV}, settings: {{colour: [x]}}}}", "colour.*backoff_base"),
        (f"toggle: {{kind: command, argv: {ARGV}, timeouts: {{io: -1}}}}", "timeouts.io"),
        (f"toggle: {{kind: command, argv: {ARGV}, backoff: {{bass: 1}}}}", "bass"),
    ],
)
def test_mistakes_are_named(tmp_path, text, said):
    with pytest.raises(ProfileError, match=f"(?s){said}"):
        target(tmp_path, text)
