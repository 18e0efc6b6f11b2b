# Each target does its own set-up in .venv; nothing has to be installed by hand but Python >= 3.11 and make.

PYTHON ?= python3
CRM ?= hubspot
# Random histories: how many, and from which seed. A check must not fail by luck, so the range is fixed; to look for
# more, give another one: make histories HISTORIES=5000 FIRST=$$RANDOM
HISTORIES ?= 300
FIRST ?= 1
BIN := .venv/bin
STAMP := .venv/.ready

.PHONY: demo test lint types imports bench histories clean

demo: $(STAMP)
	$(BIN)/syncd demo --crm $(CRM)

test: $(STAMP)
	$(BIN)/pytest -n auto

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m tests.benchmarks

histories: $(STAMP)
	$(BIN)/python -m tests.machine.run --histories $(HISTORIES) --first $(FIRST)

$(STAMP): pyproject.toml deploy/requirements-dev.txt
	$(PYTHON) -c 'import sys; sys.exit("syncd needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r deploy/requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $(STAMP)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
