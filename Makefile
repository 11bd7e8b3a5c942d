# `make demo` and `make test` do all their own set-up: a virtual environment in .venv and the packages they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RESULTS := benchmarks/results
CORE := words levels uncertainty speed

.PHONY: demo test check bench bench-quick bench-core train clean

demo: $(VENV)/.core ## explain a personalized model that ships, from model to report
	$(BIN)/finexl demo

# One thread a worker: several of them with a pool of threads each would wait for one another.
test: $(VENV)/.dev ## lint, types, import rules, all tests, and every experiment on a few pairs
	$(MAKE) check
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto
	$(MAKE) bench-quick

check: $(VENV)/.dev ## lint, format, types and the staircase of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench-quick: $(VENV)/.dev ## every experiment on a few pairs: does it run?
	rm -rf build/bench build/bench.md
	OMP_NUM_THREADS=1 $(BIN)/finexl bench --quick --out build/bench

bench: $(VENV)/.dev ## every experiment (hours on two cores; resumes); writes docs/evidence.md
	$(BIN)/finexl bench --out $(RESULTS)
	$(BIN)/finexl bench --page docs/evidence.md --out $(RESULTS)

bench-core: $(VENV)/.dev ## measure the built-in encoder and the methods on data never trained on; writes docs/benchmarks.md
	$(BIN)/finexl bench $(CORE) --out $(RESULTS)
	$(BIN)/finexl bench $(CORE) --page docs/benchmarks.md --out $(RESULTS)

train: $(VENV)/.train ## make the built-in encoder anew (hours on two cores; resumes)
	$(BIN)/python training/train.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.core: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

# torch first and alone: a later package would otherwise bring its CUDA build.
$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable ".[dev,bench]"
	touch $@

$(VENV)/.train: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable ".[train]"
	touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
