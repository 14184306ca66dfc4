"""Profiles of the peers slice: what they become, and what is said about those that are wrong."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from profiles import every_section

from support.kit.ports import lease_port
from support.kit.process import ManagedProcess
from support.kit.profile import ProfileError, ReadyLog, ReadyUrl, load_profile
from support.kit.readiness import answers, look_at
from support.peers.target import CAPABILITIES, NEEDS, SECTION, open_target
from support.peers.timings import CONTRACT, REFERENCE, Timings
from support.toggle.target import SECTION as TOGGLE_SECTION

TARGETS = Path(__file__).resolve().parents[1] / "targets"
VALUES = {"index": "2", "port": "20001", "pty": "/tmp/line", "workdir": "/tmp/w"}
ARGV = "argv: [prog, '--at={port}', --line, '{pty}', '--name={hostname}', '--in={workdir}', '-n{index}']"
CONTRACT_LINE = [
    "--rapi-serial", "/tmp/line", "--set-config", "www_http_port=20001", "--set-config", "hostname=charger-2-20001",
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_program_from_outside(monkeypatch):
    monkeypatch.delenv("NATIVE_BINARY_PATH", raising=False)
    monkeypatch.setattr("support.kit.engine.missing", lambda: "none answers here")


def target(tmp_path, text):
    path = tmp_path / "profile.yaml"
    path.write_text(text, encoding="utf-8")
    return open_target(load_profile(path, {"toggle": TOGGLE_SECTION, "peers": SECTION}).section("peers"), path)  # type: ignore[arg-type]


def command(tmp_path, more="", node=ARGV):
    return target(tmp_path, f"peers: {{kind: command, node: {{{node}}}{more}}}")


def executable(path, text="#!/bin/sh\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def seen_by_node(chargers, folder):
    """What a program that tells its circumstances tells, started as a node is: in a folder of its own."""
    done = subprocess.run(
        chargers.node_argv(VALUES), env={**os.environ, **chargers.node_env(VALUES)}, cwd=folder, capture_output=True, check=True
    )
    return json.loads(done.stdout)


TELLS = "import json, os, sys; print(json.dumps({'argv': sys.argv[1:], 'path': sys.path, 'here': os.getcwd()}))"


# The reference


@pytest.fixture(scope="module")
def reference():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NATIVE_BINARY_PATH", raising=False)
        patch.setattr("support.kit.engine.missing", lambda: "none answers here")
        return open_target(None, TARGETS / "reference.yaml")


def test_a_missing_section_is_the_reference(reference):
    assert reference.name == "charger reference"
    assert reference.version[0].isdigit()
    assert reference.timings == REFERENCE
    assert (reference.runtime, reference.ahead, reference.is_reference_emulator) == ("auto", True, True)
    assert (reference.node_image, reference.emulator_image) == (None, None)
    assert {need: reference.missing(need) for need in NEEDS} == dict.fromkeys(NEEDS)


def test_our_node_is_told_its_times_and_its_place(reference):
    assert reference.node_argv(VALUES)[1:] == [
        "-m", "support.peers.reference.node", "--rapi-serial=/tmp/line", "--set-config=www_http_port=20001",
        "--set-config=hostname=charger-2-20001", "--discovery-interval=0.5", "--allocation-interval=0.4",
        "--shortest-heartbeat=1.5", "--status-interval=0.15",
    ]  # fmt: skip
    assert reference.node_image_argv(VALUES) == ["python3", *reference.node_argv(VALUES)[1:]]
    assert reference.host(VALUES) == "127.0.0.1:20001"


def test_the_reference_may_have_other_times_and_claim_less(tmp_path):
    some = target(tmp_path, "peers: {kind: reference, capabilities: [group], timings: {heartbeat: 30}, runtime: process}")
    assert some.timings == Timings(REFERENCE.discovery, 30.0, REFERENCE.allocation)
    assert "--shortest-heartbeat=5" in some.node_argv(VALUES)  # the contract's range stays
    assert some.missing("group") is None
    assert some.missing("serial") == "the target does not claim it"
    assert some.missing("image") == "the profile's runtime is process: nothing runs in a container"


def started(chargers, folder, resources):
    """A node and an emulator of `chargers`, ready; the ports of both are free ones."""
    node_port, web, serial = (resources.enter_context(lease_port()).port for _ in range(3))
    values = {**VALUES, "port": str(node_port), "workdir": str(folder), "pty": str(folder / "no-such-line")}
    node = resources.enter_context(
        ManagedProcess.start(
            chargers.node_argv(values), name="node", log=folder / "node.log", env=chargers.node_env(values), cwd=folder
        )
    )
    ports = {"WEB_PORT": str(web), "SERIAL_MODE": "tcp", "SERIAL_TCP_PORT": str(serial)}
    emulator = resources.enter_context(
        ManagedProcess.start(
            chargers.emulator_argv, name="emulator", log=folder / "emulator.log", env={**chargers.emulator_env, **ports},
            cwd=folder,
        )
    )  # fmt: skip
    look = look_at(chargers.ready, port=lambda: False, logged=node.logged, values=values)
    node.wait_ready(look, chargers.start_timeout, "the node to answer")
    emulator.wait_ready(lambda: answers(f"http://127.0.0.1:{web}/api/status", 200), 10, "the emulator to answer")
    return node, emulator


@pytest.mark.parametrize("profile", ["reference.yaml", "example-command.yaml"])
def test_what_a_profile_of_ours_says_starts_in_a_folder_of_its_own(tmp_path, monkeypatch, profile):
    monkeypatch.setenv("PYTHON", sys.executable)
    chargers = example_of(profile)
    with ExitStack() as resources:
        for process in started(chargers, tmp_path, resources):
            process.require_alive("now that both are ready")


# The examples


def example_of(name):
    return open_target(load_profile(TARGETS / name, every_section()).section("peers"), TARGETS / name)  # type: ignore[arg-type]


def test_the_example_of_a_command_is_the_reference(monkeypatch, reference):
    monkeypatch.setenv("PYTHON", sys.executable)
    example = example_of("example-command.yaml")
    assert (example.capabilities, example.timings) == (reference.capabilities, reference.timings)
    words, ours = (" ".join(chargers.node_argv(VALUES)).replace("=", " ") for chargers in (example, reference))
    assert words == ours
    assert example.emulator_argv == reference.emulator_argv
    assert example.version.endswith(reference.version)
    assert {need: example.missing(need) for need in NEEDS} == {
        **dict.fromkeys(NEEDS), "image": "the profile's node names no image",
    }  # fmt: skip


# Command lines


def test_a_command_line_is_filled_in(tmp_path):
    chargers = command(tmp_path)
    assert chargers.name == "charger prog"
    assert chargers.node_argv(VALUES) == [
        "prog", "--at=20001", "--line", "/tmp/line", "--name=charger-2-20001", "--in=/tmp/w", "-n2",
    ]  # fmt: skip


def test_a_name_that_is_given_is_taken(tmp_path):
    assert "--name=north" in command(tmp_path).node_argv({**VALUES, "hostname": "north"})


@pytest.mark.parametrize(
    ("argv", "kept"),
    [
        ("[prog, --name, '{hostname}', '{port}']", ["prog", "20001"]),
        ("[prog, '--name={hostname}', '--at={port}']", ["prog", "--at=20001"]),
        ("[prog, '{port}', '{hostname}', -v]", ["prog", "20001", "-v"]),
        ("[prog, --at, '{port}']", ["prog", "--at", "20001"]),
    ],
)
def test_a_node_may_be_left_without_a_name(tmp_path, argv, kept):
    assert command(tmp_path, node=f"argv: {argv}").nameless_argv(VALUES) == kept


def test_a_node_that_is_named_by_its_environment_always_has_a_name(tmp_path):
    assert command(tmp_path, node=f"{ARGV}, env: {{NAME: '{{hostname}}'}}").nameless_argv(VALUES) is None


def test_a_binary_of_the_contract_and_our_node_may_be_left_without_a_name(tmp_path, reference):
    assert command(tmp_path, node="binary: /opt/node").nameless_argv(VALUES) == ["/opt/node", *CONTRACT_LINE[:4]]
    named, nameless = reference.node_argv(VALUES), reference.nameless_argv(VALUES)
    assert nameless == [word for word in named if "hostname" not in word]


def test_what_is_filled_in_is_not_filled_in_again(tmp_path):
    assert "{port}" in command(tmp_path).node_argv({**VALUES, "pty": "{port}"})


def test_hosts_and_names_are_templates(tmp_path):
    chargers = command(tmp_path, node=f"{ARGV}, hostname: 'box-{{index}}', host: '{{hostname}}.local:{{port}}'")
    assert chargers.hostname(VALUES) == "box-2"
    assert chargers.host(VALUES) == "box-2.local:20001"
    assert "--name=box-2" in chargers.node_argv(VALUES)


def test_the_environment_is_filled_in(tmp_path):
    chargers = command(tmp_path, node="argv: [prog], env: {AT: '{port}', LINE: 'x={pty}', NAME: '{hostname}', FIXED: 'x{y'}")
    assert chargers.node_env(VALUES) == {"AT": "20001", "LINE": "x=/tmp/line", "NAME": "charger-2-20001", "FIXED": "x{y"}
    assert chargers.missing("serial") is None


def test_further_settings_have_the_contract_s_form_unless_the_profile_says_otherwise(tmp_path):
    assert command(tmp_path).set_config("a", "{key}") == ["--set-config", "a={key}"]
    other = command(tmp_path, node=f"{ARGV}, set_config: [-D, '{{key}}', '{{value}}']")
    assert other.set_config("loadsharing_enabled", "true") == ["-D", "loadsharing_enabled", "true"]


def test_a_node_is_ready_when_its_configuration_answers_unless_the_profile_says_otherwise(tmp_path):
    assert command(tmp_path).ready == ReadyUrl(url="http://127.0.0.1:{port}/config")
    assert command(tmp_path, node=f"{ARGV}, ready: port, start_timeout: 3").ready == "port"
    assert command(tmp_path, node=f"{ARGV}, ready: {{log: '^up'}}").ready == ReadyLog(log="^up")


def test_a_version_is_a_text_or_asked_for(tmp_path):
    assert command(tmp_path, ", version: '2.4'").version == "2.4"
    assert command(tmp_path, f", version: ['{sys.executable}', -c, 'print(\"node 2.5\")']").version == "node 2.5"
    assert command(tmp_path).version == "of unknown version"


# Programs and where they are


def test_a_binary_takes_the_contract_s_command_line(tmp_path):
    program = executable(tmp_path / "native_program")
    chargers = command(tmp_path, node="binary: native_program")
    assert chargers.node_argv(VALUES) == [str(program), *CONTRACT_LINE]
    assert chargers.name == "charger native_program"


@pytest.mark.parametrize("path", ["./native_program", "native_program", "../here/native_program"])
def test_a_binary_out_of_the_environment_means_the_folder_the_run_was_started_in(tmp_path, monkeypatch, path):
    program = executable(tmp_path / "here" / "native_program")
    monkeypatch.chdir(program.parent)
    monkeypatch.setenv("NATIVE_BINARY_PATH", path)
    chargers = command(tmp_path, node="binary: '${NATIVE_BINARY_PATH}'")
    assert os.path.isabs(chargers.node_argv(VALUES)[0])
    assert os.path.samefile(chargers.node_argv(VALUES)[0], program)
    assert chargers.name == "charger native_program"


def test_a_binary_that_is_nowhere_is_left_to_the_start(tmp_path):
    assert command(tmp_path, node="binary: no-such-node").node_argv(VALUES)[0] == "no-such-node"
    assert command(tmp_path, node="binary: /no/such/node").node_argv(VALUES)[0] == "/no/such/node"


def test_a_program_beside_the_profile_is_found_there_before_the_folder_of_the_run(tmp_path, monkeypatch):
    beside = executable(tmp_path / "bin" / "node")
    executable(tmp_path / "here" / "bin" / "node")
    monkeypatch.chdir(tmp_path / "here")
    assert command(tmp_path, node="argv: [bin/node, '{port}']").node_argv(VALUES)[0] == str(beside)


def test_a_program_may_be_named_by_a_placeholder(tmp_path):
    assert command(tmp_path, node="argv: ['{workdir}/node', '{port}']").node_argv(VALUES)[0] == "/tmp/w/node"


def test_files_beside_the_profile_are_found_from_the_node_s_own_folder(tmp_path):
    (tmp_path / "node.py").write_text(TELLS, encoding="utf-8")
    (tmp_path / "lib").mkdir()
    (tmp_path / "own").mkdir()
    env = "env: {PYTHONPATH: ./lib, OTHER: ./nothing}"
    chargers = command(tmp_path, node=f"argv: ['{sys.executable}', node.py, '{{port}}'], {env}")
    seen = seen_by_node(chargers, tmp_path / "own")
    assert seen["argv"] == ["20001"]
    assert seen["here"] == str(tmp_path / "own")
    assert str(tmp_path / "lib") in seen["path"]
    assert chargers.node_env(VALUES)["OTHER"] == "./nothing"
    assert chargers.name == "charger node.py"


# NATIVE_BINARY_PATH


@pytest.mark.parametrize("text", ["toggle: {kind: reference}", "peers: {kind: reference, runtime: process}"])
def test_the_variable_alone_replaces_our_node(tmp_path, monkeypatch, text):
    program = executable(tmp_path / "native_program", f"#!{sys.executable}\n{TELLS}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NATIVE_BINARY_PATH", "./native_program")
    chargers = target(tmp_path, text)
    assert chargers.name == "charger native_program of NATIVE_BINARY_PATH"
    assert chargers.node_argv(VALUES) == [str(program), *CONTRACT_LINE]
    (tmp_path / "own").mkdir()
    assert seen_by_node(chargers, tmp_path / "own")["argv"] == CONTRACT_LINE
    assert (chargers.timings, chargers.version, chargers.ahead) == (CONTRACT, "of unknown version", False)
    assert chargers.is_reference_emulator
    assert chargers.missing("image") is not None
    assert "authentication" not in chargers.capabilities


@pytest.mark.parametrize(
    ("runtime", "reason", "docked"),
    [("auto", None, True), ("auto", "none answers here", False), ("process", None, False), ("docker", "none answers here", True)],
)
def test_boards_are_in_containers_where_an_engine_answers(tmp_path, monkeypatch, runtime, reason, docked):
    monkeypatch.setattr("support.kit.engine.missing", lambda: reason)
    chargers = target(tmp_path, f"peers: {{kind: reference, runtime: {runtime}}}")
    assert chargers.docked_boards is docked
    assert ("containers" in chargers.name) is docked


def test_the_variable_with_only_an_emulator_in_the_profile_replaces_our_node(tmp_path, monkeypatch):
    monkeypatch.setenv("NATIVE_BINARY_PATH", "/opt/native")
    chargers = target(tmp_path, "peers: {kind: command, emulator: {image: 'ghcr.io/somebody/board:1'}, version: '5.1'}")
    assert chargers.name == "charger native of NATIVE_BINARY_PATH with board:1, boards in containers"
    assert (chargers.version, chargers.emulator_image, chargers.timings) == ("5.1", "ghcr.io/somebody/board:1", CONTRACT)


def test_a_node_of_the_profile_is_not_affected_by_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("NATIVE_BINARY_PATH", "/opt/native")
    assert command(tmp_path).node_argv(VALUES)[0] == "prog"


def test_a_variable_that_is_empty_counts_as_unset(monkeypatch):
    monkeypatch.setenv("NATIVE_BINARY_PATH", "")
    assert open_target(None, TARGETS / "reference.yaml").name == "charger reference"


# Emulators


def test_without_an_emulator_it_is_ours(tmp_path, reference):
    chargers = command(tmp_path)
    assert (chargers.emulator_argv, chargers.emulator_env) == (reference.emulator_argv, reference.emulator_env)
    assert chargers.is_reference_emulator
    assert not chargers.ahead


def test_an_emulator_may_be_an_image_a_program_or_both(tmp_path):
    (tmp_path / "board.py").touch()
    image = command(tmp_path, ", emulator: {image: 'x/board:2'}, runtime: docker")
    assert (image.emulator_argv, image.emulator_image, image.runtime) == (None, "x/board:2", "docker")
    assert image.name == "charger prog with board:2, boards in containers"
    program = command(tmp_path, ", emulator: {argv: [python3, board.py], env: {MAX: '40'}}, runtime: process")
    assert program.emulator_argv is not None
    assert program.emulator_argv[1] == str(tmp_path / "board.py")
    assert (program.emulator_image, program.emulator_env, program.runtime) == (None, {"MAX": "40"}, "process")
    assert not program.is_reference_emulator
    both = command(tmp_path, ", emulator: {argv: [board], image: 'x/board:2'}")
    assert (both.emulator_argv, both.emulator_image) == (("board",), "x/board:2")


def test_our_node_may_have_another_emulator(tmp_path, reference):
    chargers = target(tmp_path, "peers: {kind: command, emulator: {argv: [board]}, timings: {heartbeat: 0.5}}")
    assert chargers.name == "charger reference with board"
    assert chargers.version == reference.version
    assert chargers.timings == Timings(REFERENCE.discovery, 0.5, REFERENCE.allocation)
    assert chargers.missing("image") is None
    assert chargers.missing("authentication") is None


# What they claim


def test_a_node_of_another_make_claims_all_but_authentication(tmp_path):
    chargers = command(tmp_path)
    assert chargers.capabilities == set(CAPABILITIES) - {"authentication", "renaming"}
    assert (chargers.missing("authentication") or "").startswith("the profile does not claim it, and the systems")
    claiming = command(tmp_path, ", capabilities: [authentication]")
    assert claiming.missing("authentication") is None
    assert claiming.missing("group") == "the target does not claim it"


@pytest.mark.parametrize("need", ["serial", "load_sharing", "failsafe"])
def test_what_is_seen_through_the_line_needs_a_place_for_it(tmp_path, need):
    chargers = command(tmp_path, node="argv: [prog, '{port}']")
    assert chargers.missing(need) == "the argv and env of the profile's node have no {pty}"
    assert chargers.missing("group") is None


def test_what_every_node_that_the_suite_starts_can_do(tmp_path):
    chargers = command(tmp_path, ", capabilities: []")
    assert (chargers.missing("restart"), chargers.missing("settings")) == (None, None)


def test_a_node_in_a_container_needs_an_image(tmp_path):
    assert command(tmp_path).missing("image") == "the profile's node names no image"
    chargers = command(tmp_path, node=f"{ARGV}, image: 'x/node:1'")
    assert chargers.missing("image") is None
    assert (chargers.node_image, chargers.node_image_argv(VALUES)) == ("x/node:1", CONTRACT_LINE)


def test_a_need_that_nobody_knows_is_a_mistake(tmp_path):
    with pytest.raises(LookupError, match=r"'telepathy' is no capability of a charger; known: discovery, group"):
        command(tmp_path).missing("telepathy")


def test_times_are_the_contract_s_unless_the_profile_says_otherwise(tmp_path):
    assert command(tmp_path).timings == CONTRACT
    assert command(tmp_path, ", timings: {discovery: 2, allocation: 0.5}").timings == Timings(2.0, CONTRACT.heartbeat, 0.5)


# Mistakes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: address", "peers.kind: unknown kind 'address'; known: command, reference"),
        ("runtime: auto", "peers.kind: is missing; known: command, reference"),
        ("kind: command", "peers: has neither node nor emulator: kind reference is for our own"),
        (f"kind: command, {ARGV}", "peers.argv: unknown key; known: capabilities, emulator, kind, node, runtime, timings"),
        ("kind: reference, node: {argv: [x]}", "peers.node: unknown key; known: capabilities, kind, runtime, timings, version"),
        (
            f"kind: command, node: {{{ARGV}}}, capabilities: [telepathy]",
            "peers.capabilities: unknown capability 'telepathy'; known: authentication, discovery",
        ),
        (f"kind: command, node: {{{ARGV}}}, runtime: podman", "peers.runtime: must be 'auto', 'docker' or 'process', not"),
        (f"kind: command, node: {{{ARGV}}}, emulator: {{}}", "peers.emulator: has neither image nor argv"),
        (
            f"kind: command, node: {{{ARGV}}}, emulator: {{argv: [x]}}, runtime: docker",
            "peers.runtime: is docker, and the emulator has no image",
        ),
        (
            f"kind: command, node: {{{ARGV}}}, emulator: {{image: x}}, runtime: process",
            "peers.runtime: is process, and the emulator has no argv",
        ),
        (
            "kind: command, emulator: {argv: [x, '{port}']}",
            "peers.emulator.argv: takes no {port}: the emulator is told its ports by WEB_PORT, SERIAL_MODE, SERIAL_TCP_PORT",
        ),
        ("kind: command, emulator: {argv: [x], env: {WEB_PORT: '1'}}", "peers.emulator.env: WEB_PORT is set by the suite"),
        ("kind: command, emulator: {imag: x}", "peers.emulator.imag: unknown key (did you mean image?); known: argv, env, image"),
        ("kind: command, node: {argv: []}", "peers.node.argv: must have 1 or more, has 0"),
        ("kind: command, node: {}", "peers.node: has neither argv nor binary: it needs one of them"),
        (f"kind: command, node: {{{ARGV}, binary: x}}", "peers.node: has both argv and binary: it needs one of them"),
        ("kind: command, node: {argv: [prog]}", "peers.node: has no {port} in argv or env: the node would not know where"),
        (
            "kind: command, node: {argv: [prog, '{prot}']}",
            "peers.node.argv: unknown placeholder {prot}; known: {index}, {port}, {pty}, {hostname}, {workdir}",
        ),
        (f"kind: command, node: {{{ARGV}, env: {{A: '{{pot}}'}}}}", "peers.node.env: A has an unknown placeholder {pot}; known:"),
        ("kind: command, node: {binary: '{workdir}/x'}", "peers.node.binary: is a path without placeholders"),
        (f"kind: command, node: {{{ARGV}, colour: red}}", "peers.node.colour: unknown key; known: argv, binary, env, host"),
        (f"kind: command, node: {{{ARGV}, host: node}}", "peers.node.host: has none of {index}, {port}, {hostname}: all nodes"),
        (f"kind: command, node: {{{ARGV}, host: '{{pty}}'}}", "peers.node.host: unknown placeholder {pty}; known: {index}"),
        (f"kind: command, node: {{{ARGV}, hostname: box}}", "peers.node.hostname: has neither {index} nor {port}: all nodes"),
        (f"kind: command, node: {{{ARGV}, hostname: 'a_{{index}}'}}", "peers.node.hostname: is no name of a host without"),
        (
            f"kind: command, node: {{{ARGV}, set_config: ['{{key}}']}}",
            "peers.node.set_config: has no {value}: the node would not know what is set",
        ),
        (f"kind: command, node: {{{ARGV}, ready: soon}}", "peers.node.ready: must be port, {url: address} or {log: regular"),
        (f"kind: command, node: {{{ARGV}, ready: {{url: 'http://h:{{pt}}/'}}}}", "unknown placeholder {pt}; known: {index}"),
        (f"kind: command, node: {{{ARGV}, start_timeout: 0}}", "peers.node.start_timeout: must be greater than 0"),
        ("kind: reference, timings: {heartbeet: 1}", "peers.timings.heartbeet: unknown key (did you mean heartbeat?); known:"),
        ("kind: reference, timings: {discovery: 0}", "peers.timings.discovery: must be greater than 0, not 0"),
        ("kind: reference, timings: {discovery: .inf}", "peers.timings.discovery: must be"),
        (
            "kind: reference, timings: {heartbeat: 0.3}",
            "peers.timings: the heartbeat of 0.3 s is shorter than the 0.4 s from one allocation to the next",
        ),
        (
            f"kind: command, node: {{{ARGV}}}, timings: {{allocation: 13}}",
            "peers.timings: the heartbeat of 12 s is shorter than the 13 s from one allocation to the next",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_named(tmp_path, text, said):
    with pytest.raises(ProfileError) as error:
        target(tmp_path, f"peers: {{{text}}}")
    assert said in str(error.value)
    assert str(error.value).startswith(f"{tmp_path}/profile.yaml: peers")


def test_a_mistake_in_the_node_is_the_only_one_that_is_told(tmp_path):
    with pytest.raises(ProfileError) as error:
        target(tmp_path, "peers: {kind: command, node: {argv: [x]}, timings: {allocation: 0.5, heartbeat: 1}}")
    assert len(str(error.value).splitlines()) == 1


def test_a_binary_whose_variable_is_not_set_is_named(tmp_path):
    with pytest.raises(ProfileError, match=r"peers\.node\.binary: the environment variable NATIVE_BINARY_PATH is not set"):
        command(tmp_path, node="binary: '${NATIVE_BINARY_PATH}'")
