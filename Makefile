# `make help` lists the commands.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
LOCALE := models/locale

.PHONY: help setup setup-dev demo test check format benchmark stories messages manual prefect-access lock clean

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1\t/' | expand -t 16

setup: $(VENV)/installed $(LOCALE)/compiled  ## The environment: .venv, locked requirements, catalogues

setup-dev: setup $(VENV)/installed-dev

demo: setup  ## One story from its beginning to its end on a fresh system; stays until Ctrl-C
	$(BIN)/aftersales demo

test: check  ## Everything that checks the project, and all tests
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

check: setup-dev  ## Lint, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: setup-dev  ## Put the code in its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmark: setup  ## A million open deadlines, side by side with bare SQL; result in benchmarks/results
	$(BIN)/python -m benchmarks.deadlines

stories: setup  ## Play every story of the demo, one after the other; times in benchmarks/results
	$(BIN)/python -m benchmarks.stories

messages: setup-dev  ## Collect the texts for people into the catalogues, to be translated there
	$(BIN)/python -m deployments.messages

manual: setup  ## Write docs/manual.md: where each article of the manual is carried out
	$(BIN)/python -m deployments.traceability

prefect-access: setup  ## Write docs/prefect-access.md: what of Prefect people may call
	$(BIN)/python -m web.prefect.document

lock: $(VENV)/python  ## Choose versions anew within pyproject.toml; then run `make test`
	$(BIN)/python -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip install -q uv
	$(VENV)/lock/bin/uv pip compile -q $(LOCK) --extra build pyproject.toml -o requirements/runtime.txt
	$(VENV)/lock/bin/uv pip compile -q $(LOCK) --extra build --extra dev -c requirements/runtime.txt pyproject.toml -o requirements/dev.txt

# Without index addresses and host names; hashes for every platform.
LOCK := --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 --upgrade

clean:  ## Remove what setup made
	rm -rf $(VENV) $(LOCALE)/compiled $(LOCALE)/*/LC_MESSAGES/*.mo

$(VENV)/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make setup PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/installed: $(VENV)/python requirements/runtime.txt pyproject.toml
	$(PIP) install -q --require-hashes -r requirements/runtime.txt
	$(PIP) install -q --no-deps --no-build-isolation --no-index -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements/dev.txt
	$(PIP) install -q --require-hashes -r requirements/dev.txt
	touch $@

$(LOCALE)/compiled: $(VENV)/installed $(wildcard $(LOCALE)/*/LC_MESSAGES/*.po)
	$(BIN)/pybabel -q compile -d $(LOCALE) -D aftersales
	touch $@
