# `make run` and `make test` set up what they need in $(VENV); nothing is installed twice while
# its stamp there is newer than pyproject.toml and constraints.txt.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run ui train-demo test test-user lint format clean

PROBLEM ?= examples/feed.txt
VENV ?= .venv
PYTHON ?= python3.11 python3.12 python3.13 python3

export PROBLEM
BIN := $(VENV)/bin
# Setuptools warns of every editable install.
INSTALL := PYTHONWARNINGS=ignore $(BIN)/python -m pip install --no-input --disable-pip-version-check \
	--progress-bar off --constraint constraints.txt --editable
# pip says much; of that, the downloads worth waiting for and the step after them.
BRIEFLY := awk '/(Downloading|Using cached) .* MB\)/ { \
		split($$(NF - 2), part, "-"); print "  " part[1] " " part[2] " " $$(NF - 1) " " $$NF; fflush() } \
	/^Installing collected/ { print "  unpacking"; fflush() }'

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.for-run ## solve a problem with the embedded model (PROBLEM=path/to/problem.txt)
	@$(BIN)/optiwright solve "$$PROBLEM" || [ $$? -eq 1 ]  # 1: not answered, as it says above

ui: $(VENV)/.for-ui ## open the chat in the browser, on this machine alone
	@$(BIN)/optiwright ui

# Each step goes on where it was stopped, and is done once.
DEMO := runs/train-demo
train-demo: $(VENV)/.for-train ## make rows, tune the 0.5B for minutes, measure it before and after
	@$(BIN)/optiwright data synth --n 240 --out $(DEMO)/rows.jsonl
	@$(BIN)/optiwright data synth --n 9 --family process_runs --family energy_sources \
		--family log_beam --out $(DEMO)/aside.jsonl
	@$(BIN)/optiwright train sft --config sft-demo --rows $(DEMO)/rows.jsonl --out $(DEMO)/run
	@[ -d $(DEMO)/tuned ] || $(BIN)/optiwright train export $(DEMO)/run --out $(DEMO)/tuned
	@$(BIN)/optiwright train evaluate $(DEMO)/tuned --benchmark $(DEMO)/aside.jsonl --effort quick \
		--out $(DEMO)/runs

test: lint ## check style and types, then run every test, those of the embedded model too
	@tests/install_debian.sh
	@$(BIN)/optiwright model pull
	@echo "Running the tests, two at a time"
	@$(BIN)/pytest --numprocesses 2 --dist loadfile -m "not (model or alone)"
	@echo "Running those that need the machine to themselves"
	@$(BIN)/pytest -m "model or alone"
	@[ "$$(id -u)" != 0 ] || tests/as_ordinary_user.sh

test-user: ## as root: run the tests of the pool and its sandbox as an ordinary user, on the wheel
	@tests/as_ordinary_user.sh

lint: $(VENV)/.for-test ## check style and types
	@echo "Checking style and types"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: $(VENV)/.for-test ## apply the style
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

clean: ## remove the environment, build products and caches
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.coverage htmlcov
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.created:
	@python=; \
	for candidate in $(PYTHON); do \
		if $$candidate -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
			2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "No Python 3.11 or later with venv was found (looked for: $(PYTHON))." >&2; \
		echo "On Debian: apt install python3 python3-venv. Elsewhere: make PYTHON=path/to/python3." >&2; \
		exit 1; \
	fi; \
	echo "Creating $(VENV) with $$($$python --version)"; \
	$$python -m venv $(VENV)
	@touch $@

$(VENV)/.for-run: pyproject.toml constraints.txt | $(VENV)/.created
	@echo "Installing Optiwright, its solvers and the runtime of its model (a minute or two)"
	@$(INSTALL) '.[local]' | $(BRIEFLY)
	@touch $@

$(VENV)/.for-ui: pyproject.toml constraints.txt | $(VENV)/.created
	@echo "Installing Optiwright, its solvers, the runtime of its model and the page (a minute or two)"
	@$(INSTALL) '.[local,ui]' | $(BRIEFLY)
	@touch $(VENV)/.for-run $@

$(VENV)/.for-train: pyproject.toml constraints.txt | $(VENV)/.created
	@echo "Installing Optiwright, the runtime of its model and what trains (some minutes)"
	@$(INSTALL) '.[local,train]' | $(BRIEFLY)
	@touch $(VENV)/.for-run $@

$(VENV)/.for-test: pyproject.toml constraints.txt | $(VENV)/.created
	@echo "Installing Optiwright and what its tests need (a minute or two)"
	@$(INSTALL) '.[local,dev,bench,train]' | $(BRIEFLY)
	@touch $(VENV)/.for-run $(VENV)/.for-ui $(VENV)/.for-train $@
