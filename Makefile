# Two commands do everything on a fresh machine with Python 3.11 or newer:
#   make demo    train, score and audit the bundled posts; says where the page is
#   make test    style, types and all tests
# Each makes .venv and installs exactly what requirements/*.txt locks, with uv where it is there, else with pip.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lock clean

demo: .venv/installed-run
	$(BIN)/koudai demo

# Files of tests are dealt in order: by their number of tests, as is the default, the longest would come last.
test: .venv/installed-test
	sh tests/browser/get_browser.sh $(BIN)
	sh tests/scoring/get_java.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

.venv/installed-%: requirements/%.txt pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
		{ [ -x $(BIN)/python ] || uv venv --seed --python $(PYTHON) .venv; } && \
		uv pip install --python $(BIN)/python --require-hashes -r $< && \
		uv pip install --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
		{ [ -x $(BIN)/python ] || $(PYTHON) -m venv .venv; } && \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $< && \
		$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@

# Needs uv. The locks hold for every Python from 3.11 on and for every platform.
lock:
	uv pip compile pyproject.toml requirements/build.in --universal --generate-hashes --python-version 3.11 \
		--no-header --no-annotate --no-emit-index-url -q -o requirements/run.txt
	uv pip compile pyproject.toml requirements/build.in --extra test --universal --generate-hashes \
		--python-version 3.11 --no-header --no-annotate --no-emit-index-url -q -o requirements/test.txt

clean:
	rm -rf .venv
