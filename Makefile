# `make run` sets everything up and starts the demo; `make test` sets everything up and runs the tests.
SHELL := bash
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.complete

.PHONY: help setup run test lint check bench package screenshots clean

help: ## Show this help
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## Make .venv with pinned dependencies, and install missing system packages where possible

$(STAMP): pyproject.toml .ci/constraints.txt .ci/system-packages
	.ci/system-packages
	test -x $(PY) || python3 -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e '.[desktop,server,dev]'
	touch $@

run: setup ## Start the demo: a simulated detector, the server, the desktop
	$(VENV)/bin/hydra-server demo

# Two halves of about the same length, side by side: windows need a core, servers mostly wait. What fails is run
# once more by itself, since a test may have lost its core to the other half; what fails twice fails.
WINDOWS := tests/desktop tests/ui tests/protocol tests/alarms tests/test_foundations.py
OTHERS := tests $(WINDOWS:%=--ignore=%)
AGAIN := --last-failed --last-failed-no-failures none
# A thread that does not end would hold up the report of all.
PYTEST = timeout --foreground 1h $(PY) -m pytest -o cache_dir=.pytest_cache/$(1)
test: setup ## Run all tests
	@export QT_QPA_PLATFORM=offscreen; log=$$(mktemp); rm -rf .pytest_cache; \
	{ $(call PYTEST,windows) $(WINDOWS) || $(call PYTEST,windows) $(WINDOWS) $(AGAIN); } > $$log 2>&1 & windows=$$!; \
	$(call PYTEST,others) $(OTHERS) || $(call PYTEST,others) $(OTHERS) $(AGAIN); others=$$?; \
	wait $$windows; status=$$?; cat $$log; rm -f $$log; \
	[ $$others -eq 0 ] && [ $$status -eq 0 ]

lint: setup ## ruff, mypy --strict, import contracts
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

check: lint test ## Everything that CI runs

bench: setup ## Measure the pipeline against bare loops, as ratios in one run; ONLY="training quick" picks parts
	$(PY) -m tests.bench $(if $(ONLY),--only $(ONLY))

package: setup ## Build the desktop's executable, start it against a server, see a verdict arrive
	$(VENV)/bin/pyinstaller --noconfirm --log-level WARN --distpath dist --workpath build hydra.spec
	$(PY) -m tests.package

screenshots: setup ## Make the pictures of the documentation again
	QT_QPA_PLATFORM=offscreen $(PY) docs/make_screenshots.py
	QT_QPA_PLATFORM=offscreen $(PY) docs/make_alarm_screenshots.py
	QT_QPA_PLATFORM=offscreen $(PY) docs/make_record_screenshots.py
	QT_QPA_PLATFORM=offscreen $(PY) docs/make_status_screenshots.py
	QT_QPA_PLATFORM=offscreen $(PY) docs/make_library_screenshots.py

clean: ## Remove what was built
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
