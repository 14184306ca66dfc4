"""Command lines out of a profile: found, filled in, named, asked for their version."""

import sys

import pytest

from support.kit.command_line import filled, located, program_name, require_known_placeholders, told_version, version_of
from support.kit.errors import InfrastructureError


def test_what_is_filled_in_is_not_filled_in_again():
    assert filled(["--to={host}:{port}", "{state}", "{other}"], {"host": "h", "port": "1", "state": "{port}"}) == [
        "--to=h:1",
        "{port}",
        "{other}",
    ]


def test_without_values_nothing_changes():
    assert filled(["a", "", "{x}"], {}) == ["a", "", "{x}"]


@pytest.mark.parametrize("good", ["{port}", "--port={port}", "a={port},b={host}", "${HOME}", '{"a": {}}', "{ x }", "{X}", "{}"])
def test_known_placeholders_and_other_braces_pass(good):
    require_known_placeholders([good], ("{port}", "{host}"))


@pytest.mark.parametrize("bad", ["{prot}", "--port={prot}", "{port}:{prot}"])
def test_an_unknown_placeholder_is_named_with_the_known_ones(bad):
    with pytest.raises(ValueError, match=r"^unknown placeholder {prot}; known: {port}, {host}$"):
        require_known_placeholders(["x", bad], ("{port}", "{host}"))


def test_files_beside_the_profile_are_found_and_nothing_else_changes(tmp_path):
    for name in ("hub.py", "python3", "a{b}", "-x"):
        (tmp_path / name).touch()
    profile = tmp_path / "profile.yaml"
    assert located(["python3", "hub.py", "a{b}", "-x", "", "--file=hub.py"], profile) == (
        "python3", str(tmp_path / "hub.py"), "a{b}", "-x", "", "--file=hub.py",
    )  # fmt: skip
    assert located(["./hub.py"], profile) == (str(tmp_path / "hub.py"),)


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (["python3", "-m", "my.gateway", "--port={port}"], "my.gateway"),
        (["/usr/bin/python3", "/opt/gw/serve.py"], "serve.py"),
        (["gatewayd", "{port}"], "gatewayd"),
        (["python3", "-"], "python3"),
        (["{port}"], "gateway"),
    ],
)
def test_a_program_is_named_and_not_its_interpreter(argv, name):
    assert program_name(argv, "gateway") == name


def test_a_version_is_the_first_line_that_is_printed():
    assert told_version([sys.executable, "-c", "print('gw 1.2\\nmore')"], "the gateway") == "gw 1.2"
    assert told_version([sys.executable, "-c", ""], "the gateway") == "of unknown version"


def test_a_program_that_tells_no_version_is_an_error_with_what_it_said():
    with pytest.raises(InfrastructureError, match=r"(?s)^the gateway does not tell its version: .*no such flag"):
        told_version([sys.executable, "-c", "import sys; sys.exit('no such flag')"], "the gateway")
    with pytest.raises(InfrastructureError, match="no-such-program"):
        told_version(["no-such-program"], "the gateway")


def test_a_version_may_be_a_text_a_command_or_nothing(tmp_path):
    profile = tmp_path / "profile.yaml"
    (tmp_path / "tells.py").write_text("print('3.1')")
    assert version_of("2.4", profile, "x") == "2.4"
    assert version_of([sys.executable, "tells.py"], profile, "x") == "3.1"
    assert version_of(None, profile, "x") == "of unknown version"
