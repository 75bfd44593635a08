# `make demo` and `make test` need Python >= 3.11 and make, nothing else. `make help` lists the rest.

PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	$$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& command -v $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 3
RUN_READY := $(VENV)/.installed-run
TEST_READY := $(VENV)/.installed-test
SCENARIO ?= scenarios/deai-2026.yaml

.DEFAULT_GOAL := help
.PHONY: help demo test lint format types bench dist clean python

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

demo: $(RUN_READY) ## make .venv, install, run the flagship scenario
	$(BIN)/catallaxy run $(SCENARIO)

test: $(TEST_READY) ## make .venv, install the test extra, run the whole suite with the coverage gate
	rm -f .coverage .coverage.*
	$(BIN)/catallaxy warmup
	$(BIN)/coverage run -m pytest -n $(JOBS) --dist worksteal --durations 15 -m "not timing and not whole"
	@echo "The kernels' own tests again without the JIT: only then does Python see which of their lines run."
	NUMBA_DISABLE_JIT=1 $(BIN)/coverage run -m pytest -n $(JOBS) -m "not timing and not jit" tests/numba_kernels tests/papers
	@echo "What adds nothing to coverage, without it, which would take twice as long."
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --durations 15 -m "whole and not timing"
	@echo "Time and memory limits, alone on the machine and without coverage."
	$(BIN)/python -m pytest -m timing
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: $(TEST_READY) ## ruff: rules and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(TEST_READY) ## ruff: apply the layout and the safe corrections
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(TEST_READY) ## mypy --strict on the code folders
	$(BIN)/mypy

bench: $(TEST_READY) ## measure the ratios of benchmarks/
	$(BIN)/python benchmarks/run.py

dist: $(TEST_READY) ## build the sdist, and the wheel from the sdist
	$(BIN)/python -m build

clean: ## remove the environment, builds and caches; results stay
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python: ## print the interpreter that make would use
	@test -n "$(PYTHON)" || { \
		echo "No Python >= 3.11 with the venv module was found on PATH." >&2; \
		echo "Install one (Debian and Ubuntu: apt install python3 python3-venv)," >&2; \
		echo "or name it: make PYTHON=/path/to/python3.12 <target>" >&2; exit 1; }
	@echo "$(PYTHON)"

$(BIN)/python:
	@$(MAKE) --no-print-directory python
	"$(PYTHON)" -m venv $(VENV)

$(RUN_READY): pyproject.toml | $(BIN)/python
	@echo "Installing Catallaxy and the libraries it needs into $(VENV) (once; a minute or two)."
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(TEST_READY): pyproject.toml | $(BIN)/python
	@echo "Installing Catallaxy with its test extra into $(VENV) (once; a minute or two)."
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $(RUN_READY) $@
