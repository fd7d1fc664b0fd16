# make demo: play a whole simulated trial in ./demo.   make test: everything CI holds us to.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
LOCKED := install --require-hashes --only-binary=:all:

.PHONY: demo test lint types imports tests docs bench validity wheel lock language clean tamper crash fuzz

demo: $(VENV)/.runtime
	$(BIN)/rct demo demo

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/.test
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

imports: $(VENV)/.test
	$(BIN)/lint-imports

tests: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist worksteal

docs: $(VENV)/.test  ## write the generated references again (a test holds them to the code)
	$(BIN)/python -m rct.definition.schema
	$(BIN)/python -m rct.cli.reference docs

bench: $(VENV)/.bench  ## measure beside peers in one run; writes docs/speed.md (about a quarter of an hour)
	$(BIN)/python -m benchmarks.speed

validity: $(VENV)/.test  ## simulate type I error and coverage; writes docs/validity.md
	$(BIN)/python -m benchmarks.validity

tamper: $(VENV)/.test  ## flip 2,000 bytes of a registry; writes docs/tampering.md
	PYTHONPATH=tests $(BIN)/python -m tampering.flips 2000

crash: $(VENV)/.test  ## kill, refuse and race every command that writes, at every call; writes docs/safety.md (needs strace; about two hours)
	PYTHONPATH=tests $(BIN)/python -m crash --page docs/safety.md

fuzz: $(VENV)/.test  ## 10,000 mutations of the hostile corpus through the real commands
	PYTHONPATH=tests $(BIN)/python -m hostile.fuzz 10000

wheel: $(VENV)/.test
	$(BIN)/python -m build --wheel --no-isolation

# A stamp a step: a second make has nothing to do and touches no network.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); $(PYTHON) -m virtualenv -q $(VENV); }

$(VENV)/.runtime: requirements.lock requirements-build.lock pyproject.toml | $(BIN)/python
	$(PIP) $(LOCKED) -r requirements-build.lock -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.runtime
	$(PIP) $(LOCKED) -r requirements-test.lock
	touch $@

$(VENV)/.bench: requirements-bench.lock $(VENV)/.test
	$(PIP) $(LOCKED) -r requirements-bench.lock
	touch $@

language: $(VENV)/.runtime  ## a language's sentences, as the code has them: make language CODE=fr LOCALE=fr_FR
	$(BIN)/python -m rct.language.sentences $(CODE) $(LOCALE)

lock:  ## resolve the ranges of pyproject.toml anew (needs uv)
	uv export -q --no-dev --no-emit-project --no-header -o requirements.lock
	uv export -q --only-group build --no-header -o requirements-build.lock
	uv export -q --only-group test --no-header -o requirements-test.lock
	uv export -q --only-group bench --no-header -o requirements-bench.lock

clean:
	rm -rf $(VENV) demo dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
