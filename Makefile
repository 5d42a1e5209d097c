# Two commands: `make demo` shows what wasmctl does, `make test` checks everything.
# Both set up a virtual environment of their own; a second run installs nothing again.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n 2
SECONDS ?= 60

.PHONY: demo test lint docs unit bench fuzz package generate clean help

help: ## Print this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: $(VENV)/installed-all ## Scaffold, build, test, push and pull a plugin, for real
	@$(BIN)/python scripts/demo.py

test: lint docs unit ## All checks and tests

lint: $(VENV)/installed-dev ## Style, types, spelling, who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python -m scripts.generate --check

docs: $(VENV)/installed-dev ## The manual, warnings as errors
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build

unit: $(VENV)/installed-dev ## The tests alone
	$(BIN)/python -m pytest $(PYTEST_ARGS)

bench: $(VENV)/installed-dev ## Speed: value, unit, comparison, ratio
	$(BIN)/python -m bench.run

fuzz: $(VENV)/installed-dev ## The host against modules made at random, for SECONDS
	$(BIN)/python -m tests.fuzz.run --seconds $(SECONDS)

generate: $(VENV)/installed-dev ## Write what is generated: schemas, reference pages
	$(BIN)/python -m scripts.generate

package: $(VENV)/installed-dev ## Wheel and source distribution, built, checked and installed
	bash scripts/package.sh $(BIN)/python

clean: ## Remove what these commands made here
	rm -rf $(VENV) docs/_build dist

$(VENV)/installed-all $(VENV)/installed-dev: pyproject.toml scripts/setup.sh
	@bash scripts/setup.sh $(PYTHON) $(VENV) $(@F:installed-%=%)
