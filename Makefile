# On a fresh machine with Python 3.11 or newer:
#   make demo        train, score and audit the bundled posts; says where the page is
#   make check       style, types and the fast tests, examples in docstrings among them
#   make test        style, types and all tests
# And, less often:
#   make docs        the pages of docs/ as a site that needs no network
#   make build       wheel and sdist in dist/, checked
#   make benchmarks  the tests of the programs in tests/benchmarks
#   make lock        what requirements/*.txt hold, anew
# Each makes the environment $(VENV) and installs exactly what requirements/*.txt locks, with uv where it is there, else
# with pip.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
FAST := not slow and not spark and not browser and not benchmark
# Whatever is said elsewhere, compiled Python is kept beside the sources: tests start many processes that import it.
unexport PYTHONDONTWRITEBYTECODE
# A process more than cores, since some tests wait; a worker that has nothing left takes tests from the others. They are
# what keeps the cores busy: more threads of linear algebra in each would wait for theirs, and take a sixth of all time.
PYTEST := OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 3 --dist worksteal

.PHONY: demo check style fast test all docs build benchmarks lock clean

demo: $(VENV)/installed-run
	$(BIN)/koudai demo

check: style fast

fast: $(VENV)/installed-test
	$(PYTEST) -m "$(FAST)"

style: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: style all

all: $(VENV)/installed-test build/docs-venv/installed
	sh tests/browser/get_browser.sh $(BIN)
	sh tests/scoring/get_java.sh
	$(PYTEST) -m "not benchmark"

benchmarks: $(VENV)/installed-test
	$(PYTEST) -m benchmark

build: $(VENV)/installed-test
	$(BIN)/python -m hatchling build -d dist
	$(BIN)/python -m twine check --strict dist/*

# Built in a copy: zensical keeps a cache beside its config, and cleans it, where the tests keep theirs.
docs: build/docs-venv/installed
	rm -rf build/docs
	mkdir -p build/docs
	cp -R docs build/docs/docs
	mv build/docs/docs/zensical.toml build/docs
	cd build/docs && NO_COLOR=1 ../docs-venv/bin/zensical build --strict
	@echo "documentation: build/docs/site/index.html; with search: python3 -m http.server -d build/docs/site"

build/docs-venv/installed: requirements/docs.txt
	@rm -rf build/docs-venv
	@if command -v uv >/dev/null 2>&1; then \
		uv venv -q --python $(PYTHON) build/docs-venv && \
		uv pip install -q --python build/docs-venv/bin/python --require-hashes -r $< ; \
	else \
		$(PYTHON) -m venv build/docs-venv && \
		build/docs-venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $< ; \
	fi
	@touch $@

# What tests need holds all that a run needs.
$(VENV)/installed-%: requirements/%.txt pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
		{ [ -x $(BIN)/python ] || uv venv --seed --python $(PYTHON) $(VENV); } && \
		uv pip install --compile-bytecode --python $(BIN)/python --require-hashes -r $< && \
		uv pip install --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
		{ [ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV); } && \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $< && \
		$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@
	@[ $* != test ] || touch $(VENV)/installed-run

# Needs uv. The locks hold for every Python from 3.11 on and for every platform.
LOCK := uv pip compile pyproject.toml requirements/build.in --universal --generate-hashes --python-version 3.11 \
	--no-header --no-annotate --no-emit-index-url -q
lock:
	$(LOCK) -o requirements/run.txt
	$(LOCK) --extra test -o requirements/test.txt
	uv pip compile requirements/docs.in --universal --generate-hashes --python-version 3.11 \
		--no-header --no-annotate --no-emit-index-url -q -o requirements/docs.txt

clean:
	rm -rf $(VENV)
