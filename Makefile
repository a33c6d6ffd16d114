# The chores, by the words that README and .ci/run use. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
FOR ?=
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help setup setup-dev setup-cluster setup-bench demo run test check format test-browser test-kafka faults soak kafka eval bench lock clean

help: ## list the chores
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: .venv/.run ## make .venv with what running needs; console script .venv/bin/tocsin

setup-dev: .venv/.dev ## make .venv with what the tests and checks need as well

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Tocsin needs Python 3.11 or newer: make PYTHON=python3.12 ...'; exit 2; }
	@$(PYTHON) -m venv .venv || { echo 'venv is missing: on Debian, apt-get install python3-venv'; exit 2; }
	@touch $@

.venv/.run: .venv/.made locks/run.txt pyproject.toml
	@echo 'setting up: installing the run lock into .venv'
	@$(INSTALL) --require-hashes -r locks/run.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.run locks/dev.txt
	@echo 'setting up: installing the dev lock into .venv'
	@$(INSTALL) --require-hashes -r locks/dev.txt
	@touch $@

.venv/.cluster: .venv/.run locks/cluster.txt
	@echo 'setting up: installing the cluster lock into .venv'
	@$(INSTALL) --require-hashes -r locks/cluster.txt
	@touch $@

.venv/.bench: .venv/.dev locks/bench.txt
	@echo 'setting up: installing the bench lock into .venv'
	@$(INSTALL) --require-hashes -r locks/bench.txt
	@touch $@

setup-bench: .venv/.bench ## make .venv with what benchmarks/ measures against

setup-cluster: .venv/.cluster ## make .venv with what the cluster's roles need: Faust and aiokafka

demo: .venv/.run ## ring on the demo newsroom; FOR=30 stops after 30 seconds with a summary
	@$(BIN)/tocsin demo $(if $(FOR),--for $(FOR))

run: .venv/.run ## watch real public feeds with the default rules (deploy/tocsin.yaml)
	@$(BIN)/tocsin run --config deploy/tocsin.yaml

test: .venv/.dev ## the quick tests
	@$(BIN)/python -m pytest

check: .venv/.dev ## lint, format, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy -p wire -p connectors -p streams -p desk
	@$(BIN)/python -m pytest tests/test_floors.py

format: .venv/.dev ## put the code into the house's form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

test-browser: .venv/.dev ## the dashboard in Chromium
	@$(BIN)/python -m pytest -m browser --timeout 60 tests/browser

test-kafka: .venv/.dev ## what runs on a real Kafka, which it starts: needs Java 17 and Maven
	@$(BIN)/python -m pytest -m kafka --timeout 120 tests

faults: .venv/.dev ## kill real processes and count what came out
	@$(BIN)/python -m pytest -m faults --timeout 300 tests/faults

HOURS ?= 2

soak: .venv/.dev ## hours of random faults on three brokers; HOURS=0.5
	@$(BIN)/python -m tests.faults.soak --hours $(HOURS)

BROKERS ?= 1

kafka: .venv/.made ## real Kafka on loopback from its published jars; BROKERS=3 for three
	@$(BIN)/python deploy/kafka/cluster.py --brokers $(BROKERS)

LABELLED ?= ../shared/eval/dev.jsonl
SHOW ?=

eval: .venv/.run ## score the default rules on labelled news, where ../shared/eval exists; SHOW=1 shows every error
	@$(BIN)/python -m desk.evaluation $(LABELLED) $(if $(SHOW),--show)

bench: .venv/.bench ## every benchmark, as ratios
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file; done

lock: .venv/.dev ## make the locks anew from pyproject.toml
	@$(INSTALL) uv
	@for extra in run cluster dev bench; do $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--extra build $$([ $$extra = run ] || echo --extra cluster) $$([ $$extra != dev ] || echo --extra dev) \
		$$([ $$extra != bench ] || echo --extra dev --extra bench) -o locks/$$extra.txt pyproject.toml; done

clean: ## remove what was made, not your data
	@rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
