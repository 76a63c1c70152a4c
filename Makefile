# Every target does its own set-up, once: a second run finds it done.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup demo test test-core-long test-channels-long test-server-long soak lint \
	bench bench-compiler bench-core bench-dom bench-channel bench-reliability bench-server bench-scale \
	browsers redis clean
# Two installations into one virtual environment would meet; two benchmarks would disturb each other.
.NOTPARALLEL:

help:
	@echo "make demo    serve the example chat (open it in two windows)"
	@echo "make test    lint, unit tests, and real pages in Chromium and Firefox"
	@echo "make lint    ruff and mypy"
	@echo "make soak    the channel under a network that is cut, at length"
	@echo "make test-core-long, test-channels-long, test-server-long"
	@echo "             the random tests of each part, many more cases than in make test"
	@echo "make bench   all benchmarks; one of them (its file in benchmarks/ says what ARGS=... it takes):"
	@echo "             bench-compiler, bench-core, bench-dom, bench-channel, bench-reliability, bench-server, bench-scale"
	@echo "make setup   all that make test needs (browsers, redis: these alone);  make clean  undoes it,"
	@echo "             but for what comes from Debian"

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

# The channel under a network that fails, at length, with figures: half an hour.
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

bench-scale: .venv/dev.done
	$(BIN)/python benchmarks/bench_scale.py $(ARGS)

bench: bench-compiler bench-core bench-dom bench-channel bench-reliability bench-server bench-scale

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

NPM_CI = command -v npm > /dev/null || { echo "npm is missing; it comes with Node.js 20: https://nodejs.org" >&2; exit 1; }; \
	npm ci --no-audit --no-fund --no-update-notifier --loglevel=error

node_modules/npm.done: package.json package-lock.json
	@$(NPM_CI)
	@touch $@

# What metafor is measured against, from npm: alien-signals (core), Solid and React (rows), partysocket (reliability),
# ws and socket.io (reliability, server).
benchmarks/%/node_modules/npm.done: benchmarks/%/package.json benchmarks/%/package-lock.json
	@$(NPM_CI) --prefix benchmarks/$*
	@touch $@

# And from PyPI: reaktiv (core), python-socketio (reliability, server); wybthon and frontage (rows), for a page and
# not for this Python: frontage's command needs 3.14, what it ships to a page does not.
.venv/bench-core.done: benchmarks/core/requirements.txt .venv/dev.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

benchmarks/rows/site-packages/pip.done: benchmarks/rows/requirements.txt | .venv/bin/python
	@rm -rf $(@D)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --ignore-requires-python --target $(@D) --requirement $<
	@touch $@

.venv/bench-server.done: benchmarks/server/requirements.txt benchmarks/reliability/requirements.txt .venv/dev.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement $< --requirement benchmarks/reliability/requirements.txt
	@touch $@

browsers:
	@tools/install-browsers.sh

redis:
	@tools/install-redis.sh

clean:
	rm -rf .venv node_modules benchmarks/*/node_modules benchmarks/rows/site-packages .cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
