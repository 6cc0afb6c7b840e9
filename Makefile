# One word a habit. Every target sets up what it needs first: Python 3.11, pip and make are enough.
.DEFAULT_GOAL := help
.PHONY: help setup demo ui sandbox test test-long emulators test-real-warehouses check bench bench-peers docs lock clean

VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# `make demo HISTORY=cdnow` serves the published CDNOW purchases instead of the generated shops.
HISTORY ?= generated

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make the virtual environment from requirements.lock (once, and after the lock changed)

# --require-hashes: exactly the files that were tested, whatever index pip is set up with. --no-deps: the lock is complete,
# and older versions of pip do not see that `name==1` also pins `name[extra]`.
$(READY): requirements.lock pyproject.toml
	@python=$$(for name in $$PYTHON python3.11 python3 python; do \
		command -v "$$name" >/dev/null 2>&1 && "$$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
		2>/dev/null && echo "$$name" && break; done); \
	if [ -z "$$python" ]; then \
		echo "Boomerang needs Python 3.11 and found none: install it, or say where it is with PYTHON=/path/to/python3.11." >&2; \
		exit 1; fi; \
	if [ -f "$(BIN)/python" ] && ! "$(BIN)/python" -c '' 2>/dev/null; then rm -rf "$(VENV)"; fi; \
	echo "Setting up $(VENV) with $$python (a few minutes the first time)"; \
	"$$python" -m venv "$(VENV)" || { \
		echo "$$python cannot make a virtual environment: install its venv module (Debian: apt-get install python3.11-venv)." >&2; \
		exit 1; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY) ## the whole cycle against the sandbox, twice; HISTORY=cdnow for real purchases, UNDO=1 takes the last delivery back
	@$(BIN)/boomerang demo --history $(HISTORY)$(if $(UNDO), --undo)

ui: $(READY) ## the Dagster UI on the demo's data, with its sandbox
	@$(BIN)/boomerang ui --demo

sandbox: $(READY) ## the stand-in for Shopify, until Ctrl-C
	@$(BIN)/boomerang sandbox

test: $(READY) ## all tests; WORKERS=2 for two files at a time, where the machine has the cores and 8 GB
	@$(BIN)/python -m pytest $(if $(WORKERS),--numprocesses $(WORKERS) --dist loadfile)

test-long: $(READY) ## the tests that take minutes each: a whole cycle, killed at a dozen moments
	@$(BIN)/python -m pytest -m long

emulators: $(READY) ## environments of the emulators of Snowflake and BigQuery, and of Tryton, in .cache (once; tests make them too)
	@$(BIN)/python -m tests.warehouses.environments
	@$(BIN)/python -m tests.tryton.environment

test-real-warehouses: $(READY) ## the cycle on accounts of Snowflake and BigQuery that the environment names (docs/warehouses.md)
	@$(BIN)/python -m pytest tests/warehouses -m real -rs

check: $(READY) ## lint, format, types, SQL style, dbt project and its rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@mkdir -p .cache/lint
	@BOOMERANG_DUCKDB_PATH=$(CURDIR)/.cache/lint/boomerang.duckdb DBT_TARGET_PATH=$(CURDIR)/.cache/lint \
		DBT_LOG_PATH=$(CURDIR)/.cache/lint $(BIN)/sqlfluff lint dbt_project/models --processes 2 --disable-progress-bar
	@$(BIN)/python -m pytest tests/dbt_project/test_manifest_rules.py tests/dbt_project/test_sources_follow_the_contract.py

bench: $(READY) ## the benchmark table of speed and memory (long; not part of the tests)
	@$(BIN)/python -m bench

bench-peers: $(READY) ## beside tap-shopify, Airbyte, dlt and drt-core, each in an environment of its own (long)
	@$(BIN)/python -m bench --only peers --only writeback_peers

docs: $(READY) ## the pages and seeds made from the registry, and the dbt documentation site of the demo's warehouse
	@$(BIN)/python -m orchestration.registry
	@$(BIN)/python -m orchestration.break_docs
	@$(BIN)/python -m orchestration.sync_schema
	@$(BIN)/python -m orchestration.sync_docs
	@$(BIN)/boomerang docs --demo

lock: ## renew requirements.lock, and the image's, from pyproject.toml
	@test -x .cache/lock/bin/uv || { python3 -m venv .cache/lock && .cache/lock/bin/pip install --quiet uv; }
	@.cache/lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet --output-file requirements.lock
	@{ echo '# Install with: pip install --require-hashes --no-deps -r requirements.lock'; grep -v '^#' requirements.lock; } \
		> .cache/requirements.lock && mv .cache/requirements.lock requirements.lock
	@.cache/lock/bin/uv pip compile pyproject.toml --extra deploy --extra bigquery --constraint requirements.lock \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
		--no-header --quiet --output-file deploy/requirements.lock

clean: ## remove data, caches and the virtual environment
	rm -rf $(VENV) data .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs
