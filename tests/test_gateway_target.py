"""Profiles of the gateway slice: what they become, and what is said about those that are wrong."""

import sys
from pathlib import Path

import pytest
from profiles import every_section

from support.gateway import agreement
from support.gateway.target import CAPABILITIES, NEEDS, SECTION, open_target
from support.gateway.tools import CONTRACT, Tool
from support.kit.profile import ProfileError, load_profile

LITTLE = Path(__file__).with_name("little_gateway.py")
PLACES = '"{port}", "--metrics={metrics_port}", "--up=x={provider_a}", "y={provider_b}", "--token-file={token_file}"'
ALL = f"argv: [prog, {PLACES}]"
BARE = 'argv: [prog, "{port}"]'
TOKEN = "0123456789abcdef"
ADDRESS = f"url: 'ws://gw.example:8079/x', token: {TOKEN}"


def target(tmp_path, text):
    path = tmp_path / "profile.yaml"
    path.write_text(text, encoding="utf-8")
    return open_target(load_profile(path, {"gateway": SECTION}).section("gateway"), path)  # type: ignore[arg-type]


def command(tmp_path, more="", argv=ALL):
    return target(tmp_path, f"gateway: {{kind: command, {argv}{more}}}")


def address(tmp_path, more="", tools="{fast: status}"):
    return target(tmp_path, f"gateway: {{kind: address, {ADDRESS}, tools: {tools}{more}}}")


def little(tmp_path, more, tools="status,echo,sleep"):
    """The stand-in program, which lists `tools`."""
    argv = f"argv: ['{sys.executable}', '{LITTLE}', --port, '{{port}}', '--token-file={{token_file}}', --tools, '{tools}']"
    return command(tmp_path, more, argv)


def example_of(name):
    path = Path(__file__).resolve().parents[1] / "targets" / name
    profile = load_profile(path, every_section())
    return open_target(profile.section("gateway"), path)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def reference():
    return open_target(None, Path("targets/reference.yaml"))


# The reference


def test_a_missing_section_is_the_reference(reference):
    assert reference.name == "gateway reference"
    assert reference.version
    assert reference.launches
    assert reference.provider_names == ("a", "b")
    assert {need: reference.missing(need) for need in NEEDS} == dict.fromkeys(NEEDS)


def test_the_reference_can_be_had_with_every_setting(reference):
    assert set(reference.settings) == set(agreement.SETTINGS)
    assert reference.can("breaker_recovery", "0.5") is None
    assert reference.agreed["provider_timeout"] == "2"
    assert reference.command_line({"port": "1"}, {"breaker_recovery": "0.5"})[-1] == "--breaker-recovery=0.5"


def test_the_reference_may_claim_less(tmp_path):
    some = target(tmp_path, "gateway: {kind: reference, capabilities: [metrics]}")
    assert some.missing("metrics") is None
    assert some.missing("rate") == "the target does not claim it"


# The examples


def test_the_example_of_a_command_is_the_reference(monkeypatch, reference):
    monkeypatch.setenv("PYTHON", sys.executable)
    example = example_of("example-command.yaml")
    assert (example.capabilities, example.agreed, set(example.settings)) == (
        reference.capabilities, reference.agreed, set(reference.settings),
    )  # fmt: skip
    assert {need: example.missing(need) for need in NEEDS} == dict.fromkeys(NEEDS)
    assert example.version.endswith(reference.version)


def test_the_example_of_an_address_takes_its_token_from_the_environment(monkeypatch):
    monkeypatch.delenv("GATEWAY_TOKEN", raising=False)
    with pytest.raises(ProfileError, match=r"gateway\.token: the environment variable GATEWAY_TOKEN is not set"):
        example_of("example-address.yaml")
    monkeypatch.setenv("GATEWAY_TOKEN", TOKEN)
    example = example_of("example-address.yaml")
    assert (example.name, example.token) == ("gateway 127.0.0.1:8079", TOKEN)
    assert example.capabilities == {"metrics", "health", "repeats", "cancel", "progress", "capacity"}


# Command lines


def test_a_command_line_is_filled_in(tmp_path):
    gateway = command(tmp_path, ", settings: {breaker_recovery: [--cool, '{value}'], rate_session: ['--rate={value}']}")
    values = {"port": "1", "metrics_port": "2", "provider_a": "h:3", "provider_b": "h:4", "token_file": "/t", "token": "{port}"}
    settings = {"breaker_recovery": "1.5", "rate_session": "off"}
    assert gateway.command_line(values, settings) == [
        "prog", "1", "--metrics=2", "--up=x=h:3", "y=h:4", "--token-file=/t", "--cool", "1.5", "--rate=off",
    ]  # fmt: skip


def test_the_environment_is_filled_in(tmp_path):
    gateway = command(tmp_path, ", env: {TOKEN: '{token}', UP: 'p={provider_a}', FIXED: 'x{y'}", BARE)
    assert gateway.environment({"token": "t", "provider_a": "h:1"}) == {"TOKEN": "t", "UP": "p=h:1", "FIXED": "x{y"}
    assert gateway.mentions("{token}")
    assert not gateway.mentions("{token_file}")
    assert gateway.provider_names == ("p", "b")


@pytest.mark.parametrize(
    ("argument", "names"),
    [
        ("--provider=one={provider_a}", ("one", "b")),
        ("main-1={provider_a},spare={provider_b}", ("main-1", "spare")),
        ("--upstream={provider_a}", ("a", "b")),
        ("{provider_a}", ("a", "b")),
    ],
)
def test_the_names_of_the_providers_are_read_off_the_arguments(tmp_path, argument, names):
    assert command(tmp_path, argv=f"argv: [prog, '{{port}}', '{argument}']").provider_names == names


def test_files_beside_the_profile_are_found_there_and_give_the_name(tmp_path):
    (tmp_path / "gw.py").touch()
    gateway = command(tmp_path, argv="argv: [python3, gw.py, '{port}']")
    assert gateway.argv[1] == str(tmp_path / "gw.py")
    assert gateway.name == "gateway gw.py"


def test_a_version_is_a_text_or_asked_for(tmp_path):
    assert command(tmp_path, ", version: '2.4'").version == "2.4"
    assert command(tmp_path, f", version: ['{sys.executable}', -c, 'print(\"gw 2.5\")']").version == "gw 2.5"
    assert command(tmp_path).version == "of unknown version"


# What was agreed


def test_limits_and_breaker_differ_from_the_contract_where_the_profile_says_so(tmp_path):
    gateway = command(
        tmp_path,
        ", limits: {connections: 7, max_inflight: '4', frame: 1000, rate_session: off, rate_global: 10/1,"
        " hello_timeout: 2.5, provider_timeout: 1}, breaker: {failures: 3, recovery: 0.5}",
    )
    changed = {name: value for name, value in gateway.agreed.items() if value != agreement.DEFAULTS[name]}
    assert changed == {
        "max_connections": "7", "max_inflight": "4", "max_frame": "1000", "rate_session": "off", "rate_global": "10/1",
        "hello_timeout": "2.5", "provider_timeout": "1", "breaker_failures": "3", "breaker_recovery": "0.5",
    }  # fmt: skip


def test_without_the_capability_rates_are_off(tmp_path):
    gateway = command(tmp_path, ", capabilities: [metrics]")
    assert {gateway.agreed[name] for name in agreement.RATES} == {"off"}
    assert gateway.can("rate_session", "off") is None


def test_rates_of_a_gateway_that_runs_already_are_off_unless_its_limits_say_otherwise(tmp_path):
    assert {address(tmp_path).agreed[name] for name in agreement.RATES} == {"off"}
    assert address(tmp_path).missing("rate") == "the profile's limits have no rate_session, rate_address or rate_global"
    limited = address(tmp_path, ", limits: {rate_session: 20/2}")
    assert [limited.agreed[name] for name in agreement.RATES] == ["20/2", "off", "off"]
    assert limited.missing("rate") is None


def test_a_setting_can_be_had_when_it_is_agreed_or_mapped(tmp_path):
    gateway = command(tmp_path, ", settings: {breaker_failures: ['{value}']}, breaker: {recovery: 0.5}")
    assert gateway.can("breaker_failures", "2") is None
    assert gateway.can("breaker_recovery", "0.50") is None
    assert gateway.can("rate_session", "50/5.0") is None
    assert gateway.can("hello_timeout", "1") == (
        "hello_timeout is agreed to be 15, not 1, and the profile does not map this setting"
    )
    assert gateway.can("provider_timeout", "1") == (
        "provider_timeout is not known, not 1, and the profile does not map this setting"
    )
    assert address(tmp_path).can("hello_timeout", "1") == (
        "hello_timeout is agreed to be 15, not 1, and a gateway that runs already is not given other settings"
    )


@pytest.mark.parametrize(("setting", "value", "error"), [("colour", "1", LookupError), ("max_frame", "red", ValueError)])
def test_settings_that_the_contract_does_not_know_are_mistakes(tmp_path, setting, value, error):
    with pytest.raises(error):
        command(tmp_path).can(setting, value)


# What it claims, and what there is to see


def test_without_capabilities_all_that_the_profile_allows_is_claimed(tmp_path):
    assert command(tmp_path).capabilities == set(CAPABILITIES)
    assert command(tmp_path, argv=BARE).capabilities == set(CAPABILITIES) - {"metrics", "health", "breaker"}
    assert address(tmp_path).capabilities == {"repeats", "progress"}
    assert address(
        tmp_path,
        ", metrics_url: 'http://gw/m', health_url: 'http://gw/h', control: {stop: [a], restart: [b]}",
        "{fast: status, slow: sleep, provider: lookup}",
    ).capabilities == {"repeats", "progress", "metrics", "health", "cancel", "capacity", "shutdown"}


def test_what_is_not_claimed_because_there_are_no_means_says_so(tmp_path):
    gateway = command(tmp_path, argv=BARE)
    assert gateway.missing("metrics") == "the profile's argv and env have no {metrics_port}"
    assert gateway.missing("breaker") == "the profile's argv and env have no {provider_a}"
    assert command(tmp_path, ", capabilities: [repeats]", BARE).missing("metrics") == "the target does not claim it"


@pytest.mark.parametrize(
    ("need", "argv", "more", "said"),
    [
        ("metrics", BARE, "", "argv and env have no {metrics_port}"),
        ("health", BARE, "", "argv and env have no {metrics_port}"),
        ("breaker", BARE, "", "argv and env have no {provider_a}"),
        ("breaker", ALL, ", tools: {fast: status}", "the profile's tools name none for provider"),
        ("cancel", ALL, ", tools: {fast: status}", "the profile's tools name none for slow"),
        ("capacity", ALL, ", tools: {fast: status}", "the profile's tools name none for slow"),
        (
            "rate",
            ALL,
            ", limits: {rate_session: off, rate_address: off, rate_global: off}",
            "the profile's limits have no rate_session, rate_address or rate_global",
        ),
    ],
)
def test_what_is_claimed_without_the_means_is_skipped_with_the_reason(tmp_path, need, argv, more, said):
    gateway = command(tmp_path, f", capabilities: [{need}]{more}", argv)
    assert said in (gateway.missing(need) or "")


@pytest.mark.parametrize(
    ("need", "said"),
    [
        ("metrics", "the profile has no metrics_url"),
        ("health", "the profile has no health_url"),
        ("breaker", "a gateway that runs already asks providers of its own, not the suite's"),
        ("logs", "the suite does not see the log of a gateway that runs already"),
        ("shutdown", "the profile's control has no stop, or no way to start"),
    ],
)
def test_an_address_cannot_show_everything(tmp_path, need, said):
    assert address(tmp_path, f", capabilities: [{need}]").missing(need) == said


@pytest.mark.parametrize(
    ("need", "said"),
    [
        ("settings", "the profile maps no settings"),
        ("second_provider", "the profile's argv and env have no {provider_b}"),
        ("provider", "the profile's argv and env have no {provider_a}"),
        ("slow", None),
        ("failing", None),
        ("echo", None),
        ("restart", None),
    ],
)
def test_other_needs_are_answered_by_the_profile(tmp_path, need, said):
    assert command(tmp_path, argv=BARE).missing(need) == said


def test_a_second_provider_needs_a_tool_that_can_be_told_which(tmp_path):
    assert command(tmp_path).missing("second_provider") is None
    gateway = command(tmp_path, ", tools: {provider: {name: ask, arguments: {q: '{key}'}}}")
    assert gateway.missing("provider") is None
    assert gateway.missing("second_provider") == "the arguments of the tool ask have no {provider}"


@pytest.mark.parametrize(
    ("control", "restart", "shutdown"),
    [
        ("restart: [a]", True, False),
        ("stop: [a], start: [b]", True, True),
        ("stop: [a], restart: [b]", True, True),
        ("stop: [a]", False, False),
        ("start: [a]", False, False),
    ],
)
def test_control_says_whether_an_address_can_be_ended(tmp_path, control, restart, shutdown):
    gateway = address(tmp_path, f", control: {{{control}}}")
    assert (gateway.missing("restart") is None, gateway.missing("shutdown") is None) == (restart, shutdown)


def test_a_program_of_control_beside_the_profile_is_found_there(tmp_path):
    (tmp_path / "stop.sh").touch()
    assert address(tmp_path, ", control: {stop: [sh, stop.sh]}").control.stop == ["sh", str(tmp_path / "stop.sh")]


def test_a_need_that_nobody_knows_is_a_mistake(tmp_path):
    with pytest.raises(LookupError, match=r"'telepathy' is no capability of a gateway; known: metrics, health"):
        command(tmp_path).missing("telepathy")


# Tools


def test_without_tools_the_contract_s_are_taken_as_given(tmp_path):
    gateway = little(tmp_path, "", tools="nothing-at-all")
    assert gateway.tools == CONTRACT
    assert [gateway.missing(need) for need in ("slow", "failing", "echo", "progress")] == [None] * 4


def test_a_tool_may_have_other_arguments(tmp_path):
    gateway = command(tmp_path, ", tools: {fast: version, slow: {name: nap, arguments: {seconds: '{s}', why: now}}}")
    assert gateway.tools["fast"] == Tool("version")
    assert gateway.tools["slow"].call(ms=500) == {"seconds": 0.5, "why": "now"}
    assert gateway.missing("failing") == "the profile's tools name none for failing"


def test_echo_and_progress_are_there_if_the_gateway_lists_them(tmp_path):
    gateway = little(tmp_path, ", tools: {slow: sleep}")
    assert gateway.missing("echo") is None
    assert gateway.missing("progress") == "the profile's tools name none for progress, and the gateway lists no progress"
    assert gateway.tools["fast"] == CONTRACT["fast"]
    assert gateway.listed() is gateway.listed()


def test_what_the_profile_names_is_not_asked_for(tmp_path):
    gateway = command(tmp_path, ", tools: {echo: say, progress: steps}")  # there is no such program
    assert gateway.missing("echo") is None
    assert gateway.missing("progress") is None


def test_a_gateway_that_does_not_list_its_tools_counts_as_having_them(tmp_path):
    gateway = command(tmp_path, ", tools: {slow: sleep}", "argv: [no-such-program, '{port}']")
    assert gateway.listed() is None
    assert gateway.missing("echo") is None


# An address


def test_a_gateway_at_an_address_is_named_by_it_and_keeps_its_token_to_itself(tmp_path):
    gateway = address(tmp_path, ", metrics_url: 'http://gw/metrics'")
    assert gateway.name == "gateway gw.example:8079"
    assert (gateway.url, gateway.token, gateway.metrics_url) == ("ws://gw.example:8079/x", TOKEN, "http://gw/metrics")
    assert not gateway.launches
    assert TOKEN not in repr(gateway)


# Mistakes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"kind: command, {ALL}, capabilities: [telepathy]",
            "gateway.capabilities: unknown capability 'telepathy'; known: breaker",
        ),
        (f"kind: command, {ALL}, colour: red", "gateway.colour: unknown key; known: argv, breaker, capabilities, env, kind"),
        ("kind: command", "gateway.argv: is missing"),
        ("kind: command, argv: [prog]", "gateway.argv: has no {port}: the gateway would not know where it is to listen"),
        (
            "kind: command, argv: [prog, '--port={prot}']",
            "gateway.argv: unknown placeholder {prot}; known: {port}, {metrics_port}",
        ),
        (f"kind: command, {ALL}, env: {{A: '{{pot}}'}}", "gateway.env: A has an unknown placeholder {pot}; known: {port}"),
        (f"kind: command, {ALL}, ready: {{url: 'http://h:{{mp}}/'}}", "unknown placeholder {mp}; known: {port}, {metrics_port}"),
        (
            f"kind: command, {ALL}, settings: {{colour: ['{{value}}']}}",
            "gateway.settings: unknown setting colour; known: provider",
        ),
        (f"kind: command, {ALL}, settings: {{max_frame: [x]}}", "gateway.settings: max_frame has no {value}: the gateway would"),
        (f"kind: command, {ALL}, limits: {{breaker_failures: 3}}", "gateway.limits.breaker_failures: unknown key; known: hello_"),
        (
            f"kind: command, {ALL}, limits: {{connections: 0}}",
            "gateway.limits.connections: must be a whole number from 1 on, not 0",
        ),
        (
            f"kind: command, {ALL}, limits: {{rate_global: 5}}",
            "gateway.limits.rate_global: must be BURST/PER_SECOND such as 50/5",
        ),
        (
            f"kind: command, {ALL}, breaker: {{failure: 3}}",
            "gateway.breaker.failure: unknown key (did you mean failures?); known:",
        ),
        (
            f"kind: command, {ALL}, tools: {{slov: x}}",
            "gateway.tools.slov: unknown key (did you mean slow?); known: echo, failing",
        ),
        (f"kind: command, {ALL}, tools: {{slow: {{name: x}}}}", "gateway.tools.slow: its arguments have no {ms} and no {s}"),
        ("kind: address, tools: {fast: x}", "gateway.url: is missing"),
        (f"kind: address, {ADDRESS}", "gateway.tools: is missing"),
        (f"kind: address, {ADDRESS}, tools: {{slow: x}}", "gateway.tools.fast: is missing"),
        (
            "kind: address, url: 'http://x', token: abc, tools: {fast: x}",
            "gateway.url: must be ws://HOST:PORT or wss://HOST:PORT",
        ),
        (
            "kind: address, url: 'ws://x', token: abc, tools: {fast: x}",
            "gateway.token: has 3 characters: a token of the contract",
        ),
        (f"kind: address, {ADDRESS}, tools: {{fast: x}}, settings: {{}}", "gateway.settings: unknown key"),
        ("kind: container", "gateway.kind: unknown kind 'container'; known: address, command, reference"),
    ],
)
def test_mistakes_are_named(tmp_path, text, said):
    with pytest.raises(ProfileError) as error:
        target(tmp_path, f"gateway: {{{text}}}")
    assert said in str(error.value)
    assert str(error.value).startswith(f"{tmp_path}/profile.yaml: gateway.")


def test_a_token_from_the_environment_is_not_told(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEWAY_TOKEN", "too-short")
    with pytest.raises(ProfileError) as error:
        target(tmp_path, "gateway: {kind: address, url: 'ws://x', token: '${GATEWAY_TOKEN}', tools: {fast: x}}")
    assert "too-short" not in str(error.value)
