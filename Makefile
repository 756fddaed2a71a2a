# From a fresh clone, `make demo` and `make test` need nothing but Python 3.11-3.13 and pip; uv is used where it is installed.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
SEED ?= 7
START ?=
PER_DAY ?= 2000
SEEDS ?= 11,23,47
WORLDS ?= 12

export DAGSTER_HOME ?= $(CURDIR)
export STATE_DIR ?= $(CURDIR)/data/state

BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)
INSTALL = $(if $(UV),uv pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --disable-pip-version-check)

.PHONY: help demo test slow ui check format bench linking releases year screenshots docs lock clean

help:  ## What can be made.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## ?/\1\t/' | expand -t 14

demo: .venv/ran  ## Seven days of both vendors, simulated, to linked facts (SEED=, START=, PER_DAY=).
	@mkdir -p $(STATE_DIR)
	@$(BIN)/genesys-crm demo --seed $(SEED) --per-day $(PER_DAY) $(if $(START),--start $(START))

test: .venv/tested  ## The whole suite but what is marked slow.
	@$(BIN)/python -m pytest -n 2 -m "not slow"

slow: .venv/tested  ## What is marked slow (WORLDS= for more of them beside the slow re-computation).
	@WORLDS=$(WORLDS) $(BIN)/python -m pytest -n 2 -m slow

ui: .venv/ran  ## The Dagster UI over the demo's lake, with its sandbox.
	@$(BIN)/genesys-crm ui

check: .venv/tested  ## Format, lint, types, import contracts.
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache >.import-contracts.log || { cat .import-contracts.log; exit 1; }

format: .venv/tested  ## Format, and mend what can be mended.
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

bench: .venv/tested  ## Ratios behind decisions, in one run.
	@$(BIN)/python -m benchmarks.staging

linking: .venv/tested  ## Links against the sandbox's truth, into docs/linking.md (SEEDS=, PER_DAY=).
	@$(BIN)/python -m benchmarks.linking --seeds $(SEEDS) --per-day $(PER_DAY)

releases: .venv/tested  ## What releases did, as the mart finds it on seeds whose truth is known, into docs/releases.md (SEEDS=).
	@$(BIN)/python -m benchmarks.releases --seeds $(SEEDS)

year: .venv/tested  ## A year of days in one backfill, then sixty more: every day as cheap as the first, and the memory it takes (an hour or two).
	@$(BIN)/python -m benchmarks.year

docs: .venv/tested  ## Generated documentation: docs/requirements.md, docs/graph.txt.
	@$(BIN)/python -m genesys_crm_assets_tests.graph > docs/.aside && mv docs/.aside docs/graph.txt
	@$(BIN)/python -m genesys_crm_assets_tests.requirements > docs/.aside && mv docs/.aside docs/requirements.md

screenshots: .venv/tested  ## Pictures of the real UI into docs/pictures (needs Debian's chromium, or CHROMIUM=).
	@$(BIN)/python docs/screenshots.py

lock:  ## Write both lock files anew (needs uv).
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-annotate \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-annotate \
	  --extra dev -c requirements.lock --custom-compile-command "make lock" pyproject.toml -o requirements-dev.lock

clean:  ## Forget the environment and the demo's data.
	@rm -rf .venv data

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11 to 3.13 is needed: set PYTHON=")'
	@$(PYTHON) -m venv .venv

.venv/ran: requirements.lock pyproject.toml | .venv/bin/python
	@echo "installing into .venv …"
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation -e . 2>/dev/null || $(INSTALL) --no-deps -e .
	@touch $@

.venv/tested: requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "installing into .venv …"
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@$(INSTALL) --no-deps --no-build-isolation -e . 2>/dev/null || $(INSTALL) --no-deps -e .
	@touch $@ .venv/ran
