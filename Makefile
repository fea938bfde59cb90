# Every target does its own set-up: a bare machine with Python 3.11 or newer and make is enough.
# PYTHON=... chooses the interpreter; PYTEST=... adds options to pytest, PORT=... moves the demo,
# WORKERS=... says how many tests run at a time on the newest Streamlit.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
export PYTHON
# Streamlit would otherwise ask for an e-mail address and report usage; pyright would look for a newer one.
export STREAMLIT_BROWSER_GATHER_USAGE_STATS := false
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

PORT ?= 8501
PYTEST ?=
WORKERS ?= 3
GROUPS := lint test libraries browser demo bench
CODE := src tests bench examples
AGAINST_UNCACHED := $(addprefix tests/hosts/streamlit/test_,\
	examples.py generated.py persisted_widgets.py replay.py widgets.py widgets_in_apps.py)

newest := .venv/bin
middle := .venv-middle/bin
oldest := .venv-oldest/bin
present = $(wildcard $(1))
known = $(if $(filter $(1),$(.FEATURES)),$(2))

.PHONY: help demo test check format test-newest test-others test-middle test-oldest bench bench-large golden soak \
	free-threaded clean chromium

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | awk -F '\t' '{ printf "make %-13s %s\n", $$1, $$2 }'

.venv/.ready: pyproject.toml constraints/newest.txt tools/make_venv.sh
	@tools/make_venv.sh .venv constraints/newest.txt $(GROUPS)

.venv-middle/.ready: pyproject.toml constraints/middle.txt tools/make_venv.sh
	@tools/make_venv.sh .venv-middle constraints/middle.txt test examples

.venv-oldest/.ready: pyproject.toml constraints/oldest.txt tools/make_venv.sh
	@tools/make_venv.sh .venv-oldest constraints/oldest.txt test examples

chromium:
	@tools/ensure_chromium.sh

demo: .venv/.ready  ## start the example app (PORT=8501)
	@echo
	@echo "    The flights app: http://localhost:$(PORT)    (Ctrl-C ends it, PORT=8502 moves it)"
	@echo
	@$(newest)/python -m streamlit run examples/flights/app.py \
		--server.headless true --server.address localhost --server.port $(PORT) --logger.level warning

# Tests are not type-checked: much of what they try is wrong on purpose. tests/typing judges the types.
check: .venv/.ready  ## format, lint and types
	@$(newest)/ruff format --check --quiet --output-format concise $(call present,$(CODE)) \
		|| { echo "make format mends this."; exit 1; }
	@$(newest)/ruff check --quiet --output-format concise $(call present,$(CODE))
	@$(newest)/mypy --no-error-summary

format: .venv/.ready  ## put all code into the project's format
	@$(newest)/ruff format $(call present,$(CODE))
	@$(newest)/ruff check --fix $(call present,$(CODE))

# The whole suite comes last, so that its closing line is the last one.
test: test-newest  ## check and all tests (CI=true: a missing browser is an error)

# File by file: what a module sets up is set up once. Browsers first, by one worker, and the other slow
# files (tests/conftest.py): none is left to the end. One worker more than two cores, for browsers and
# disks keep a test waiting.
test-newest: .venv/.ready chromium test-others
	@$(newest)/python -m pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder $(PYTEST)

# Side by side, for each keeps one core busy; each says all that it has to say at its end. The longest
# comes first, and the other two follow one another meanwhile.
test-others: .venv/.ready .venv-oldest/.ready .venv-middle/.ready
	@$(MAKE) --no-print-directory --jobs=2 $(call known,output-sync,--output-sync=target) \
		test-oldest check test-middle

test-oldest: .venv-oldest/.ready
	@echo "With the oldest Streamlit:"
	@$(oldest)/python -m pytest tests/hosts tests/values/codecs $(PYTEST)

# What each version of Streamlit may do in its own way: apps cached and uncached side by side.
test-middle: .venv-middle/.ready
	@echo "With a Streamlit between the oldest and the newest:"
	@$(middle)/python -m pytest $(AGAINST_UNCACHED) $(PYTEST)

bench: .venv/.ready  ## figures, side by side with other caches, into docs/benchmarks.md
	@$(newest)/python bench/run.py --write

bench-large: .venv/.ready  ## the same for values of up to 6.4 GB, into docs/benchmarks-large.md
	@$(newest)/python bench/run_large.py

# Needs a free-threaded CPython with blake3, pytest, pytest-timeout and hypothesis: PYTHON=python3.14t
free-threaded:  ## the tests of concurrency on a free-threaded CPython (PYTHON=python3.14t)
	@PYTHONPATH=$(CURDIR)/src $(PYTHON) -m pytest tests/concurrency tests/flights tests/stores tests/decorators $(PYTEST)

soak: .venv/.ready  ## the tests of the disk store that take minutes: many processes, many kills
	@$(newest)/python -m pytest tests/stores/disk tests/decorators -m soak $(PYTEST)

golden: .venv/.ready  ## take today's keys as the golden ones (see tests/corpus/corpus_golden.py)
	@$(newest)/python tests/corpus/corpus_golden.py

clean:  ## remove environments and caches
	rm -rf .venv .venv-middle .venv-oldest .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
