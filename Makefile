# Every target does its own set-up, once: a second run finds it done.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup demo test test-core-long test-channels-long test-server-long soak lint bench bench-compiler bench-core bench-dom bench-channel bench-reliability bench-server browsers redis clean

help:
	@echo "make demo    serve the example chat (open it in two windows)"
	@echo "make test    lint, unit tests, and real pages in Chromium and Firefox"
	@echo "make soak    the channel under a network that is cut, at length"
	@echo "make lint    ruff and mypy"
	@echo "make bench   measure (bench-core: the reactive core alone; bench-dom, bench-server: the renderer, the room server)"
	@echo "make setup   all that the others need;  make clean  undoes it"

setup: .venv/dev.done node_modules/npm.done browsers redis

demo: .venv/cli.done node_modules/npm.done
	@exec $(BIN)/metafor demo $(ARGS)

# Two processes: the tests by file, the real pages by browser.
test: setup lint
	$(BIN)/pytest tests -n 2 --dist loadfile
	$(BIN)/pytest e2e -n 2 --dist loadgroup

# The oracles of the reactive core, 20,000 random graphs and histories of each kind: half an hour.
test-core-long: .venv/dev.done
	METAFOR_EXAMPLES=20000 $(BIN)/pytest tests/core/test_oracle.py tests/core/test_store_oracle.py

# 100,000 random and mutated frames at the room server, under each of its shells: some minutes.
test-server-long: .venv/dev.done
	METAFOR_FRAMES=100000 $(BIN)/pytest tests/server/test_fuzz.py

# The channel under a network that fails, at length, with figures: a quarter of an hour.
soak: setup
	$(BIN)/pytest -s -o python_files='soak_*.py' tests/soak
	$(BIN)/pytest -s -o python_files='soak_*.py' e2e

# The state machines of channels, 10,000 sequences of events each: half an hour.
test-channels-long: .venv/dev.done
	METAFOR_EXAMPLES=10000 $(BIN)/pytest tests/channels/test_channel_machine.py tests/channels/test_connection_machine.py tests/channels/reliable/test_nothing_is_lost.py

lint: .venv/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench-core: .venv/bench-core.done node_modules/npm.done benchmarks/core/node_modules/npm.done
	$(BIN)/python benchmarks/bench_core.py $(ARGS)

# ARGS="--only metafor,vanilla --rounds 3" for a quick look.
bench-dom: .venv/dev.done node_modules/npm.done benchmarks/rows/node_modules/npm.done benchmarks/rows/site-packages/pip.done browsers
	$(BIN)/python benchmarks/bench_dom.py $(ARGS)

bench-compiler: .venv/dev.done
	$(BIN)/python benchmarks/bench_compiler.py

bench-server: .venv/bench-server.done benchmarks/server/node_modules/npm.done redis
	$(BIN)/python benchmarks/bench_server.py $(ARGS)

bench-channel: .venv/dev.done node_modules/npm.done benchmarks/rows/node_modules/npm.done browsers
	$(BIN)/python benchmarks/bench_channel.py $(ARGS)

bench-reliability: .venv/bench-server.done benchmarks/reliability/node_modules/npm.done
	$(BIN)/python benchmarks/bench_reliability.py $(ARGS)

bench: setup benchmarks/reliability/node_modules/npm.done .venv/bench-server.done benchmarks/server/node_modules/npm.done .venv/bench-core.done benchmarks/core/node_modules/npm.done benchmarks/rows/node_modules/npm.done benchmarks/rows/site-packages/pip.done
	@for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

# -- Set-up ----------------------------------------------------------------------------------------

.venv/bin/python:
	@tools/make-venv.sh "$(PYTHON)" .venv

# The demo needs the command alone; developing needs the rest.
.venv/cli.done: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[cli]"
	@touch $@

.venv/dev.done: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@ .venv/cli.done

node_modules/npm.done: package.json package-lock.json
	@command -v npm > /dev/null || { echo "npm is missing; it comes with Node.js 20: https://nodejs.org" >&2; exit 1; }
	npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

# What the core is measured against: reaktiv from PyPI, alien-signals from npm.
.venv/bench-core.done: benchmarks/core/requirements.txt .venv/dev.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

benchmarks/core/node_modules/npm.done: benchmarks/core/package.json benchmarks/core/package-lock.json
	npm ci --prefix benchmarks/core --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

# What the renderer is measured against: Solid and React from npm; wybthon and frontage from PyPI, for a page
# and not for this Python (frontage's command needs 3.14, what it ships to a page does not).
benchmarks/rows/node_modules/npm.done: benchmarks/rows/package.json benchmarks/rows/package-lock.json
	npm ci --prefix benchmarks/rows --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

benchmarks/rows/site-packages/pip.done: benchmarks/rows/requirements.txt | .venv/bin/python
	@rm -rf $(@D)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --ignore-requires-python --target $(@D) --requirement $<
	@touch $@

# What the room server is measured against: python-socketio from PyPI, ws and socket.io from npm.
.venv/bench-server.done: benchmarks/server/requirements.txt benchmarks/reliability/requirements.txt .venv/dev.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement $< --requirement benchmarks/reliability/requirements.txt
	@touch $@

# What the reliable channel is measured against: socket.io and partysocket from npm.
benchmarks/reliability/node_modules/npm.done: benchmarks/reliability/package.json benchmarks/reliability/package-lock.json
	npm ci --prefix benchmarks/reliability --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

benchmarks/server/node_modules/npm.done: benchmarks/server/package.json benchmarks/server/package-lock.json
	npm ci --prefix benchmarks/server --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

browsers:
	@tools/install-browsers.sh

redis:
	@tools/install-redis.sh

clean:
	rm -rf .venv node_modules benchmarks/reliability/node_modules benchmarks/core/node_modules benchmarks/server/node_modules benchmarks/rows/node_modules benchmarks/rows/site-packages .cache
