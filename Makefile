# One way in. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin

# uv trusts the system's certificates, a company's own among them, as pip does, only when told; older ones by the second
# name. Where the system has none it keeps to those it brings.
SYSTEM_CERTIFICATES := $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem)
ifneq ($(SYSTEM_CERTIFICATES),)
export UV_SYSTEM_CERTS ?= true
export UV_NATIVE_TLS ?= $(UV_SYSTEM_CERTS)
endif

.PHONY: help up local qdrant test check format bench clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

up: .venv/.ready ## Start everything on http://127.0.0.1:3000; more with ARGS="--port 8080 --data-dir …"
	@exec $(BIN)/kunak up $(ARGS)

local: .venv/.ready ## Install what a model in our own process needs (docs/models-for-search.md)
	@exec $$(scripts/bootstrap_uv.sh) sync --quiet --locked --no-dev --inexact --extra local

qdrant: .venv/.ready ## Install the client of Qdrant (docs/running.md)
	@exec $$(scripts/bootstrap_uv.sh) sync --quiet --locked --no-dev --inexact --extra qdrant

test: .venv/.ready-for-work ## Run the tests; some of them with ARGS="tests/processes -k port"
	@scripts/install_chromium.sh
	@exec $(BIN)/pytest $(ARGS)

check: .venv/.ready-for-work ## Check format, lint, types and who may import whom
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.ready-for-work ## Format the code and mend what lint can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: .venv/.ready-for-work ## Measure: NAME=answers ARGS="…"; without NAME, say what can be measured
	@if [ -n "$(NAME)" ]; then $$(scripts/bootstrap_uv.sh) sync --quiet --locked --group benchmark; exec $(BIN)/python benchmarks/$(NAME).py $(ARGS); fi; \
	for file in benchmarks/*.py; do sed -n "1s|^\"*|$$(basename $$file .py): |p" $$file; done

clean: ## Remove what was installed and cached here; the data directory stays
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/.ready: pyproject.toml uv.lock
	@uv=$$(scripts/bootstrap_uv.sh) && $$uv sync --quiet --locked --no-dev --inexact
	@touch $@

.venv/.ready-for-work: pyproject.toml uv.lock
	@uv=$$(scripts/bootstrap_uv.sh) && $$uv sync --quiet --locked
	@touch $@ .venv/.ready
