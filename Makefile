.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

help: ## list what make can do
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .make/python .make/pages ## make .venv with the command watchroom, and build the pages

demo: setup ## start the server and a watched model service; Ctrl-C ends both
	@exec $(BIN)/watchroom demo

dev: setup ## start the server on ./data
	@exec $(BIN)/watchroom up

pages: .make/pages ## build the dashboard

test: setup .make/debian .make/clients ## run every test
	@source scripts/path.sh && cd web && npm test --silent
	$(BIN)/pytest -n 2

differential: setup .make/debian ## ask Prometheus and Watchroom thousands of generated queries
	$(BIN)/python -m tests.integration.query.differential --queries 5000 $(ARGS)

check: .make/python .make/node ## format, lint, types, structure, documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@source scripts/path.sh && cd web && npm run --silent lint
	$(BIN)/zensical build --strict >/dev/null
	$(BIN)/pytest -q tests/structure

docs: .make/python ## build the documentation into site/
	$(BIN)/zensical build --strict --clean

bench: setup ## measure against the peers, one table
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/bench.txt
	bash scripts/debian.sh prometheus prometheus-node-exporter victoria-metrics
	$(BIN)/python -m benchmarks.run

lock: .make/python ## compile the lock files anew
	bash scripts/lock.sh

clean: ## remove what was built
	rm -rf .cache .make .venv site dist src/watchroom/server/pages web/node_modules tests/clients/*/node_modules

.make/python: pyproject.toml requirements/uv.txt requirements/dev.txt scripts/setup.sh
	@bash scripts/setup.sh $(PYTHON)
	@mkdir -p .make && touch $@

.make/node: web/package.json web/package-lock.json .make/python
	@bash scripts/node.sh
	@mkdir -p .make && touch $@

.make/pages: .make/node $(shell find web -type f -not -path '*/node_modules/*')
	@echo "Building the pages"
	@source scripts/path.sh && cd web && npm run --silent build
	@touch $@

.make/debian: scripts/debian.sh
	@bash scripts/debian.sh chromium prometheus prometheus-node-exporter victoria-metrics
	@mkdir -p .make && touch $@

.make/clients: $(wildcard tests/clients/*/package*.json) .make/node
	@echo "Installing OpenTelemetry's SDK for JavaScript"
	@source scripts/path.sh && cd tests/clients/otlp-js && npm ci --silent --no-audit --no-fund
	@touch $@

.PHONY: help setup demo dev pages test differential check docs bench lock clean
