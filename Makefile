# Every target sets up what it needs: Python 3.11 or newer, make and the package registries are enough.
# On a machine with several Pythons: make PYTHON=python3.12 ...

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
DEV := .venv/.ready
SAM := .venv-sam/.ready
AWS := .venv-aws/.ready
RUN := .venv-runtime/.ready
PEERS := .venv-bench/.ready
CHROMIUM := .venv/.chromium
BUILD := .aws-sam/build

export PYTHONPATH := layers:cli:client:.
export SAM_CLI_TELEMETRY := 0
# Bytecode that is written once is faster than none, whatever the machine is used to.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin

.PHONY: help
help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

# --- Run it -----------------------------------------------------------------------------------------------------

.PHONY: run
run: setup ## Run the whole story on this machine, and exit
	@$(BIN)/python -m local run

.PHONY: session
session: run ## Record docs/session.md: what the commands print, from the story
	@cp build/session.md docs/session.md

.PHONY: up
up: setup ## Keep the local stack up for exploring (AUTHORITY_URL=... ADS_API_URL=... for the real Microsoft)
	@AUTHORITY_URL="$(AUTHORITY_URL)" ADS_API_URL="$(ADS_API_URL)" $(BIN)/python -m local up

.PHONY: down
down: $(DEV) ## Stop what "make up" started
	@$(BIN)/python -m local down

# --- Check it ---------------------------------------------------------------------------------------------------

# What a contributor needs. "make check" runs what repeats a grid as well.
export MARKS ?= not exhaustive and not long
PYTEST := $(BIN)/python -m pytest -m "$(MARKS)"

.PHONY: test
test: setup $(CHROMIUM) ## Run the tests, or some of them (PYTEST_ARGS="tests/unit/rotation/test_rotation.py -k consent")
ifdef PYTEST_ARGS
	$(BIN)/python -m pytest $(PYTEST_ARGS)
else
	@echo "Five parts side by side, some minutes; each prints when it is done."
	@$(MAKE) --no-print-directory --jobs --output-sync=target \
		test-logic test-flows test-faults test-browser test-commands
endif

.PHONY: test-logic
test-logic: $(CHROMIUM) ## Run the tests that need no deployed stack
	$(PYTEST) --ignore tests/flows --ignore tests/faults --ignore tests/browser \
		--ignore tests/commands --ignore tests/recipes --numprocesses 2 --dist loadfile

.PHONY: test-flows
test-flows: setup ## Run the flows on a deployed local stack
	$(PYTEST) tests/flows

.PHONY: test-faults
test-faults: setup ## Fail AWS and the provider, on a deployed local stack
	$(PYTEST) tests/faults

.PHONY: test-commands
test-commands: setup ## Run the operator's commands against a deployed local stack
	$(PYTEST) tests/commands

.PHONY: recipes
recipes: setup ## Run the recipes of docs/consumers.md with the real clients, each in an environment of its own
	$(BIN)/python -m pytest tests/recipes $(RECIPES_ARGS)

.PHONY: test-browser
test-browser: setup $(CHROMIUM) ## Click through every page in Chromium, on a deployed local stack
	$(PYTEST) tests/browser

.PHONY: simulation
simulation: $(DEV) ## Simulate more orders of events than the tests do (SIMULATION_EXAMPLES=20000)
	SIMULATION_EXAMPLES=$${SIMULATION_EXAMPLES:-20000} $(BIN)/python -m pytest tests/simulation --numprocesses auto

.PHONY: long
long: $(DEV) ## Run the tests that make check leaves out: every deliberate mistake of the protocol, a month, more seeds
	$(BIN)/python -m pytest -m long tests/simulation tests/month tests/fleets --numprocesses auto

.PHONY: month
month: $(DEV) ## Simulate a month of a fleet: alerts sent and alerts expected (MONTH_SEEDS="1 2 3")
	@$(BIN)/python -m tests.month $${MONTH_SEEDS:-1}

.PHONY: simulate
simulate: $(DEV) ## Simulate fleets of up to a million for a month, into docs/fleets.md (SIMULATE_ARGS="--days 3": print only)
	@$(BIN)/python -m tests.fleets $(SIMULATE_ARGS)

.PHONY: soak
soak: setup ## Refresh many credentials under random faults for four minutes (SOAK_ARGS="--seed 1 --seconds 600")
	@$(BIN)/python -m local.soak $(SOAK_ARGS)

.PHONY: soak-short
soak-short: setup
	@$(BIN)/python -m local.soak --credentials 10 --seconds 30 $(SOAK_ARGS)

.PHONY: bench
bench: build $(AWS) $(RUN) $(PEERS) ## Measure cold starts, refreshes, token calls, ticks and costs (BENCH_ARGS="--sizes 100 1000")
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

.PHONY: check
check: export MARKS := not long
check: lint types cfn-lint docs build imports test ## Everything that CI runs
	@$(MAKE) --no-print-directory --jobs --output-sync=target run soak-short recipes
	@$(BIN)/python -m local.story.session_differences docs/session.md build/session.md

.PHONY: format
format: $(DEV) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: alerts
alerts: $(DEV) ## Write docs/alerts: every message that people get, as the code writes it
	$(BIN)/python -m tools.alerts.render

.PHONY: pages
pages: $(CHROMIUM) ## Write docs/pages: every page that people see, as the code renders it, photographed in Chromium
	$(BIN)/python -m tools.pages.render

.PHONY: reference
reference: $(DEV) ## Write docs/reference.md, docs/providers and the cost in docs/deploy.md from the code and the template
	$(BIN)/python -m tools.docs.reference

.PHONY: docs
docs: $(DEV) ## Build the documentation as a site into build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo "build/site/index.html"

.PHONY: lint
lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo --no-cache

.PHONY: types
types: $(DEV)
	$(BIN)/mypy layers cli client local tools tests
	for function in dispatch refresh callback; do $(BIN)/mypy functions/$$function/app.py || exit 1; done

.PHONY: cfn-lint
cfn-lint: $(SAM)
	.venv-sam/bin/cfn-lint --non-zero-exit-code informational template.yaml docs/recipes/*.yaml
	AWS_DEFAULT_REGION=us-east-1 .venv-sam/bin/sam validate --lint

# With the bytecode of the runtime's Python. Lambda can write none: without it each cold start compiles everything. It does
# not depend on the time of a file (PEP 552, unchecked hash) and names files as Lambda has them: the same sources give the
# same bytes everywhere.
RUNTIME := 3.13
RUNTIME_PYTHON = $(shell for python in python$(RUNTIME) "$$(pyenv prefix $(RUNTIME) 2>/dev/null)/bin/python" \
		"$$($(BIN)/uv python find --no-project $(RUNTIME) 2>/dev/null)"; do \
	if "$$python" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(RUNTIME)")' 2>/dev/null; then \
		echo "$$python"; break; \
	fi; \
done)

.PHONY: build
build: $(DEV) $(SAM) ## Build the functions and the layers for AWS
	PATH="$(CURDIR)/$(BIN):$$PATH" .venv-sam/bin/sam build --build-dir $(BUILD)
	@if [ "$(RUNTIME_PYTHON)" ]; then "$(RUNTIME_PYTHON)" tools/bytecode.py $(BUILD); else \
		echo "There is no Python $(RUNTIME) here, so nothing is compiled: each cold start takes about twice as long."; fi

# What Lambda sees: the built layers and boto3, and nothing of the environment that the tests run in.
.PHONY: imports
imports: build $(AWS)
	.venv-aws/bin/python -I tests/packaging/import_handlers.py $(BUILD)

# --- Ship it ----------------------------------------------------------------------------------------------------

.PHONY: deploy
deploy: build ## Deploy to AWS; asks the first time (ANSWERS=europe.toml for another, DEPLOY_ARGS=--yes without asking)
	@$(BIN)/python -m tools.deploy --build $(BUILD) --answers "$${ANSWERS:-samconfig.local.toml}" $(DEPLOY_ARGS)

# --- Set it up --------------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(DEV) $(SAM) $(AWS)

# What the pages are looked at with.
$(CHROMIUM): $(DEV)
	@$(BIN)/python -m tools.chromium
	@touch $@

# Whatever comes from a registry has its hash here, the installer and the build back-end included, and comes as a wheel, for
# to build one would fetch what builds it. The command token-refresher and the reader for pipelines are installed beside them,
# as they are in this tree.
$(DEV): requirements/dev.txt requirements/uv.txt layers/requirements.txt pyproject.toml client/pyproject.toml
	@echo "Setting up .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv || { echo "Python has no venv with pip; on Debian: apt install python3-venv"; exit 1; }
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
		--requirement requirements/uv.txt
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes --no-build $<
	@$(BIN)/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation \
		--editable . --editable client
	@touch $@

.venv-%/.ready: requirements/%.txt $(DEV)
	@echo "Setting up .venv-$*"
	@$(PYTHON) -m venv --without-pip .venv-$*
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python .venv-$*/bin/python --require-hashes --no-build $<
	@touch $@

# What runs the built functions in "make bench": boto3 on the runtime's Python, if that is here.
$(RUN): requirements/aws.txt $(DEV)
	@echo "Setting up .venv-runtime"
	@"$(or $(RUNTIME_PYTHON),$(PYTHON))" -m venv --without-pip .venv-runtime
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python .venv-runtime/bin/python --require-hashes --no-build $<
	@touch $@

# What "make bench" compares the token call with. bingads has no wheel; it is built with the setuptools of bench.txt.
$(PEERS): requirements/bench.txt requirements/bench-source.txt $(DEV)
	@echo "Setting up .venv-bench"
	@$(PYTHON) -m venv --without-pip .venv-bench
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python .venv-bench/bin/python --require-hashes --no-build $<
	@$(BIN)/uv pip install --quiet --compile-bytecode --python .venv-bench/bin/python --require-hashes --no-deps \
		--no-build-isolation --requirement requirements/bench-source.txt
	@touch $@

.PHONY: lock
lock: $(DEV) ## Pin the newest versions of everything
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-package botocore --no-emit-package boto3 layers/requirements.in --output-file layers/requirements.txt
	for name in uv dev sam aws bench; do $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-header requirements/$$name.in --output-file requirements/$$name.txt; done
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-deps \
		requirements/bench-source.in --output-file requirements/bench-source.txt
	for file in local/recipes/requirements/*.in; do $(BIN)/uv pip compile --quiet --upgrade --universal \
		--python-version 3.11 --generate-hashes --no-header $$file --output-file $${file%.in}.txt; done

.PHONY: clean
clean: ## Remove what was set up and built
	rm -rf .venv .venv-sam .venv-aws .aws-sam .local build
