# Two commands: `make accept` runs the features, `make test` checks the suite itself.
#   make accept ARGS="--tags=@smoke"            passes arguments through to behave
#   make test   ARGS="tests/test_proxy.py"      passes arguments through to pytest

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ARGS   ?=
# Half of the tests wait for programs: two files are tested side by side. Liars are met four at a time already.
SIDE   ?= 2
# Coverage's own lock does not survive an exception out of a signal handler: tests that raise one are left out there.
COVER  := --cov=support.kit --cov=support.toggle.protocol --cov-report=term:skip-covered --cov-fail-under=95
SKIP   := --ignore=tests/test_toggle_foreign.py --ignore=tests/test_gateway_foreign.py --ignore=tests/test_peers_foreign.py --ignore=tests/test_audio_foreign.py --ignore=tests/test_bad_targets.py --ignore=tests/test_accept.py

.PHONY: accept test coverage lint clean help

help:
	@sed -n '1,3s/^# //p' Makefile

accept: $(VENV)/.accept
	$(BIN)/behave $(ARGS) features/

test: $(VENV)/.test lint
ifeq ($(ARGS),)
	$(BIN)/python -m pytest -m red
	$(BIN)/python -m pytest -m "not red" --numprocesses=$(SIDE) --dist=loadfile --no-loadscope-reorder --durations=20
else
	$(BIN)/python -m pytest $(ARGS)
endif

coverage: $(VENV)/.test
	$(BIN)/python -m pytest -m "not alarm and not red" $(SKIP) $(COVER)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict support
	$(BIN)/lint-imports

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.accept: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.test: requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.accept

clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
