"""Options and marks of the test run."""

import inspect
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_configure():
    """Started in the background, a shell may have had us ignore these, and every program would be started so."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def pytest_addoption(parser):
    parser.addoption("--every-liar", action="store_true", help="meet all liars, also of slices with very many (half an hour)")
    parser.addoption("--every-scenario", action="store_true", help="run the whole slice against each liar (a quarter of an hour)")


LONGEST = (
    "test_red", "test_audio_foreign", "test_peers_foreign", "test_gateway_foreign", "test_toggle_foreign", "test_accept",
    "test_run_ending", "test_bad_targets", "test_audio_fuzz", "test_gateway_fuzz", "test_peers_fuzz", "test_container_images",
    "test_container", "test_peers_partition", "test_process", "test_toggle_reference", "test_gateway_reference",
)  # fmt: skip
"""Modules that take minutes, the longest first: where files are tested side by side, the last ones are to be short."""


def pytest_collection_modifyitems(config, items):
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.module.__name__, len(LONGEST)))  # stable: within a file nothing moves
    for item in items:
        if "alarm(" in inspect.getsource(item.function) or "setitimer" in inspect.getsource(item.function):
            item.add_marker(pytest.mark.alarm)
    if not config.getoption("--every-liar"):
        config.hook.pytest_deselected(items=[item for item in items if is_rare(item)])
        items[:] = [item for item in items if not is_rare(item)]


def is_rare(item):
    """Whether it is about a liar that is only met when all are."""
    parameters = getattr(item, "callspec", None)
    liar = parameters.params.get("liar") if parameters is not None and item.module.__name__ == "test_red" else None
    return liar is not None and liar[1] not in item.module.SLICES[liar[0]].in_every_run
