# What one does in this project. `make` or `make help` lists it.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help demo check test fast faults mutation snapshots bench docs format hooks wheel clean

help:  ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -e '.[dev]'
	@touch $@

demo: $(INSTALLED)  ## Open the app on a fictional desk
	$(BIN)/deskterm demo

check: $(INSTALLED)  ## Run every check: lint, format, types, contracts, spelling, tests
	$(BIN)/python -m tests

test: $(INSTALLED)  ## Run the tests only
	$(BIN)/python -m tests pytest

fast: $(INSTALLED)  ## Run the tests that take less than a second each
	$(BIN)/pytest -n 2 -m 'not slow and not faults'

faults: $(INSTALLED)  ## Run the fault harnesses only: kills, power cuts, full disks, damaged files, hostile text
	$(BIN)/python -m tests faults

mutation: $(INSTALLED)  ## Plant 300 small mistakes and count how many the tests notice (half an hour)
	$(BIN)/python -m tests mutation

snapshots: $(INSTALLED)  ## Take the pictures of the screens anew; look at each before you commit it
	$(BIN)/pytest -n 2 tests/screens/test_snapshots.py --snapshot-update
	$(BIN)/python -m docs.pictures

bench: $(INSTALLED)  ## Measure again what the documentation claims (the large desks take a while to make, once)
	$(BIN)/python -m benchmarks

docs: $(INSTALLED)  ## Write the generated pages of docs/ anew
	$(BIN)/python -m docs.generate

format: $(INSTALLED)  ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

hooks: $(INSTALLED)  ## Check before each commit (pre-commit, local hooks)
	$(BIN)/pre-commit install

wheel: $(INSTALLED)  ## Build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean:  ## Remove what can be made again, but not .venv
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis snapshot_report.html
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
