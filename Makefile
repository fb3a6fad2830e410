# Every target sets up what it needs: Python 3.11 or newer, make and the package registries are enough.
# On a machine with several Pythons: make PYTHON=python3.12 ...

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
UV_VERSION := 0.13.9
DEV := .venv/.ready
SAM := .venv-sam/.ready
AWS := .venv-aws/.ready
CHROMIUM := .venv/.chromium
BUILD := .aws-sam/build

export PYTHONPATH := layers:cli:.
export SAM_CLI_TELEMETRY := 0
BIN := .venv/bin

.PHONY: help
help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

# --- Run it -----------------------------------------------------------------------------------------------------

.PHONY: run
run: setup ## Tell the whole story on this machine, and end
	@$(BIN)/python -m local run

.PHONY: session
session: run ## Record docs/session.md: what the commands print, from the story
	@cp build/session.md docs/session.md

.PHONY: up
up: setup ## Keep the local stack up for exploring (AUTHORITY_URL=... ADS_API_URL=... for the real Microsoft)
	@AUTHORITY_URL="$(AUTHORITY_URL)" ADS_API_URL="$(ADS_API_URL)" $(BIN)/python -m local up

.PHONY: down
down: $(DEV) ## End what "make up" started
	@$(BIN)/python -m local down

# --- Check it ---------------------------------------------------------------------------------------------------

.PHONY: test
test: setup $(CHROMIUM) ## Run the tests, or some of them (PYTEST_ARGS="tests/unit/test_rotation.py -k consent")
ifdef PYTEST_ARGS
	$(BIN)/python -m pytest $(PYTEST_ARGS)
else
	@echo "Five parts side by side, about nine minutes; each prints when it is done."
	@$(MAKE) --no-print-directory --jobs --output-sync=target \
		test-logic test-flows test-faults test-browser test-commands
endif

# Nice, because the others measure time on their deployed stacks.
.PHONY: test-logic
test-logic: $(CHROMIUM) ## Run the tests that need no deployed stack
	nice $(BIN)/python -m pytest --ignore tests/flows --ignore tests/faults --ignore tests/browser \
		--ignore tests/commands --numprocesses 2

.PHONY: test-flows
test-flows: setup ## Run the flows on a deployed local stack
	$(BIN)/python -m pytest tests/flows

.PHONY: test-faults
test-faults: setup ## Fail AWS and the provider, on a deployed local stack
	$(BIN)/python -m pytest tests/faults

.PHONY: test-commands
test-commands: setup ## Run the operator's commands against a deployed local stack
	$(BIN)/python -m pytest tests/commands

.PHONY: test-browser
test-browser: setup $(CHROMIUM) ## Click through every page in Chromium, on a deployed local stack
	$(BIN)/python -m pytest tests/browser

.PHONY: simulation
simulation: $(DEV) ## Simulate other orders of events than the tests do, for long (SIMULATION_EXAMPLES=20000)
	SIMULATION_EXAMPLES=$${SIMULATION_EXAMPLES:-20000} $(BIN)/python -m pytest tests/simulation --numprocesses auto

.PHONY: month
month: $(DEV) ## A month of a fleet in some seconds: alerts sent against alerts deserved (MONTH_SEEDS="1 2 3")
	@$(BIN)/python -m tests.month $${MONTH_SEEDS:-1}

.PHONY: soak
soak: setup ## Many credentials in bad weather for four minutes, then quiet (SOAK_ARGS="--seed 1 --seconds 600")
	@$(BIN)/python -m local.soak $(SOAK_ARGS)

.PHONY: soak-short
soak-short: setup
	@$(BIN)/python -m local.soak --credentials 10 --seconds 30 $(SOAK_ARGS)

.PHONY: bench
bench: $(DEV) ## What a tick and a refresh cost: calls to AWS, and time (BENCH_ARGS="--sizes 100 1000")
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

.PHONY: check
check: lint types cfn-lint docs build imports test ## Everything that CI runs
	@$(MAKE) --no-print-directory --jobs --output-sync=target run soak-short
	@$(BIN)/python -m local.session docs/session.md build/session.md

.PHONY: format
format: $(DEV) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: alerts
alerts: $(DEV) ## Write docs/alerts: every message that people get, as the code writes it
	$(BIN)/python -m tests.alerts.render

.PHONY: pages
pages: $(CHROMIUM) ## Write docs/pages: every page that people see, as the code renders it, photographed in Chromium
	$(BIN)/python -m tests.pages.render

.PHONY: reference
reference: $(DEV) ## Write docs/reference.md, and the cost in docs/deploy.md, from the code and the template
	$(BIN)/python -m tests.docs.reference

.PHONY: docs
docs: $(DEV) ## Build the documentation as a site into build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo "build/site/index.html"

.PHONY: lint
lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

.PHONY: types
types: $(DEV)
	$(BIN)/mypy layers cli local tests
	for function in dispatch refresh callback; do $(BIN)/mypy functions/$$function/app.py || exit 1; done

.PHONY: cfn-lint
cfn-lint: $(SAM)
	.venv-sam/bin/cfn-lint --non-zero-exit-code informational template.yaml
	AWS_DEFAULT_REGION=us-east-1 .venv-sam/bin/sam validate --lint

.PHONY: build
build: $(DEV) $(SAM) ## Build the functions and the layers for AWS
	PATH="$(CURDIR)/$(BIN):$$PATH" .venv-sam/bin/sam build --build-dir $(BUILD)

# What Lambda sees: the built layers and boto3, and nothing of the environment that the tests run in.
.PHONY: imports
imports: build $(AWS)
	.venv-aws/bin/python -I tests/packaging/import_handlers.py $(BUILD)

# --- Ship it ----------------------------------------------------------------------------------------------------

.PHONY: deploy
deploy: build ## Deploy to AWS; asks the first time (ANSWERS=europe.toml for another, DEPLOY_ARGS=--yes without asking)
	@$(BIN)/python -m local.deploy --build $(BUILD) --answers "$${ANSWERS:-samconfig.local.toml}" $(DEPLOY_ARGS)

# --- Set it up --------------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(DEV) $(SAM) $(AWS)

# What the pages are looked at with.
$(CHROMIUM): $(DEV)
	@$(BIN)/python -m local.chromium
	@touch $@

# The command token-refresher is installed beside them, as it is in this tree.
$(DEV): requirements/dev.txt layers/requirements.txt pyproject.toml
	@echo "Setting up .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv || { echo "Python has no venv with pip; on Debian: apt install python3-venv"; exit 1; }
	@.venv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip sync --quiet --python .venv/bin/python --require-hashes $<
	@$(BIN)/uv pip install --quiet --python .venv/bin/python --no-deps --editable .
	@touch $@

.venv-%/.ready: requirements/%.txt $(DEV)
	@echo "Setting up .venv-$*"
	@$(PYTHON) -m venv --without-pip .venv-$*
	@$(BIN)/uv pip sync --quiet --python .venv-$*/bin/python --require-hashes $<
	@touch $@

.PHONY: lock
lock: $(DEV) ## Pin the newest versions of everything
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-package botocore --no-emit-package boto3 layers/requirements.in --output-file layers/requirements.txt
	for name in dev sam aws; do $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-header requirements/$$name.in --output-file requirements/$$name.txt; done

.PHONY: clean
clean: ## Remove what was set up and built
	rm -rf .venv .venv-sam .venv-aws .aws-sam .local build
