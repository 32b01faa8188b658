# Two commands do everything: `make demo` and `make test`. Both make their own .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKSPACE ?= workspace

.PHONY: demo test test-slow test-all explore check label-studio bench clean help

demo: $(READY) ## run the whole loop on real documents, then open the screens; ARGS="--no-ui --json report.json"
	@OMP_WAIT_POLICY=PASSIVE $(BIN)/pairloop demo --workspace $(WORKSPACE) $(ARGS)

test: check ## lint, types, floors and tests
	@OMP_WAIT_POLICY=PASSIVE $(BIN)/pytest -m "not slow" -n 3 --dist worksteal $(ARGS)

test-slow: $(READY) ## the long ones: kills, whole screens, real models trained
	@OMP_WAIT_POLICY=PASSIVE $(BIN)/pytest -m slow -n 2 --dist worksteal $(ARGS)

test-all: test test-slow ## every test there is

explore: $(READY) ## look for new counter-examples to the properties
	@HYPOTHESIS_PROFILE=explore OMP_WAIT_POLICY=PASSIVE $(BIN)/pytest -m "hypothesis and not slow" -n 2 --dist worksteal $(ARGS)

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

label-studio: $(READY) ## install the Label Studio server that its bridge is tested against (once, a gigabyte)
	@$(BIN)/python -m benchmarks.label_studio_server

bench: $(READY) ## measure everything against its peers (hours); then put the figures into the README
	@for name in loop retrieval lexical ingest dedup generation ledger aggregation judges ui \
		label_efficiency gaps selection clustering training_overhead reward recovery; do \
		OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m benchmarks.$$name $(ARGS) || exit 1; \
	done
	@$(BIN)/python -m benchmarks.readme

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

clean: ## remove the environment and caches, never a workspace
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/ —/'
