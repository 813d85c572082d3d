# Two commands do everything: `make lab` shows the tour, `make test` runs the tests.

PYTHON ?= python3
VENV := .venv
BIN := $(abspath $(VENV))/bin
SOURCES := pyproject.toml $(shell find wslink_jupyter -name '*.py' -not -name '_version.py') \
	$(wildcard labextension/*.json labextension/*.mts) \
	$(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null)
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: lab test bench bench-pictures chromium lint test-typescript test-python clean

lab: $(VENV)/.installed-lab
	cd notebooks && PATH="$(BIN):$$PATH" $(BIN)/jupyter lab $(AS_ROOT) --no-browser \
		--LabApp.default_url=/lab/tree/tour.ipynb $(LAB_ARGS)

test: $(VENV)/.installed-test chromium lint test-typescript test-python

# BENCH_ARGS=--quick tells whether it works, not how fast.
bench: $(VENV)/.installed-bench
	$(BIN)/python tests/bench/run.py --out bench-results $(BENCH_ARGS)

bench-pictures: $(VENV)/.installed-bench chromium
	$(BIN)/python tests/bench/browser/run.py --out bench-results $(BENCH_ARGS)

$(VENV)/.created:
	$(PYTHON) -m venv $(VENV) || { $(SUDO) apt-get update -qq && \
		$(SUDO) apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); }
	$(BIN)/pip install --quiet --upgrade pip
	touch $@

# The front end is built anew: the build backend keeps one that it finds.
$(VENV)/.installed-%: $(VENV)/.created $(SOURCES)
	rm -rf wslink_jupyter/labextension wslink_jupyter/static
	$(BIN)/pip install --quiet ".[$*]"
	touch $@

# Browsers that test tools download themselves are not needed: Debian has one.
chromium:
	command -v chromium >/dev/null || { $(SUDO) apt-get update -qq && \
		$(SUDO) apt-get install -y -qq --no-install-recommends chromium; }

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd labextension && npm run --silent lint

test-typescript: $(VENV)/.installed-test
	cd labextension && npm run --silent test

# In processes of their own: Playwright's event loop does not share one. Two at a time:
# they mostly wait. `pytest`, not `python -m pytest`: what is tested is the package
# that was installed.
test-python: $(VENV)/.installed-test chromium
	$(BIN)/pytest tests --ignore=tests/browser -p no:playwright -n 2 --dist loadfile
	$(BIN)/pytest tests/browser -n 2 --dist loadfile

clean:
	rm -rf $(VENV) wslink_jupyter/labextension wslink_jupyter/static wslink_jupyter/_version.py \
		labextension/lib labextension/node_modules test-results bench-results
