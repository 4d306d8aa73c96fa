# `make run` needs Python 3.11 to 3.13 with pip, and make: everything else goes into .venv.
.POSIX:
.SUFFIXES:
.PHONY: help run test whole docs pictures slow sweep chaos fuzz bench bench-setup spark-setup spark-check focus-check limits-check accuracy lint format ui clean
.PHONY: bench-rating bench-sample bench-reading bench-first-run bench-nothing-new
.PHONY: bench-new-day bench-queries bench-bills bench-spans bench-runaways

PYTHON = python3
# a shell that forbids it makes every process compile what it imports, 3 s each
export PYTHONDONTWRITEBYTECODE =
UV_VERSION = 0.13.8
BIN = .venv/bin
SECONDS = 60
# what `make test` leaves to `make whole` and to the targets of long forms
TESTS = not slow and not whole
# of which one waits for a browser, a server or a process that is to be killed, on 2 cores
WORKERS = 3
DONE = .venv/.synced
BENCH_DONE = .venv/.synced-bench
SPARK_DONE = .venv/.synced-spark
FOCUS_DONE = .venv-focus/.synced
LIMITS_DONE = .venv-limits/.synced
# focus-validator needs 3.12 or 3.13
FOCUS_PYTHON = 3.12
# Dagster keeps the runs that `make ui` shows here
DAGSTER_HOME = $(CURDIR)/.dagster

# sqruff reads what dbt compiles, not templates, by the rules of .sqruff
COMPILED = $(CURDIR)/tmp.compiled
DBT_FLAGS = --project-dir dbt_project --profiles-dir dbt_project \
    --target-path $(COMPILED) --log-path $(COMPILED)

help:
	@echo "make run    set up .venv, then run the sample, or TOLLBOOK_WORKSPACE"
	@echo "make test   set up .venv, then lint and run the tests; TESTS='not slow' with those of make whole"
	@echo "make whole  runs of whole companies, of which make test has a short form"
	@echo "make docs   write the pages that are made: outputs of examples, tables, columns of CSVs"
	@echo "make pictures  screenshots of the sample's pages, for README and docs"
	@echo "make slow   the long forms: 200,000 requests against the truth, 10,000 random accounts"
	@echo "make sweep  every cell of every reference CSV changed alone: its days are built again"
	@echo "make chaos  kill runs in every step and at random moments, run again, compare"
	@echo "make fuzz   mutated files through every reader, for SECONDS=60"
	@echo "make bench  all benchmarks, an hour: docs/performance.md; its parts are bench-rating, -sample,"
	@echo "            -reading, -spans, -first-run, -nothing-new, -new-day, -queries, -bills, -statements, -runaways"
	@echo "make spark-check  the request stage on Spark equals DuckDB's, row by row; REQUESTS=200000"
	@echo "make focus-check  what leaves in FOCUS passes focus-validator; WORKSPACE=DIR, else the sample"
	@echo "make limits-check  LiteLLM, OpenAI's and Anthropic's SDKs read limits.json; WORKSPACE=DIR, else the sample"
	@echo "make accuracy  lay every fault on a company with known truth: docs/accuracy.md"
	@echo "make ui     asset graph, schedules, sensors and checks in a browser"
	@echo "make format rewrite the Python code as the linter wants it"
	@echo "make clean  remove .venv, caches and what Dagster keeps"

run: $(DONE)
	$(BIN)/tollbook run

# of what it compiles anyway, tests/orchestration/test_sql_style.py lints the SQL
test: $(DONE)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy & types=$$!; \
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -rs -m "$(TESTS)"; tests=$$?; \
	wait $$types && exit $$tests

# runs of whole companies, of which `test` has a short form
whole: $(DONE)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -rs -m whole

docs: $(DONE)
	TOLLBOOK_REFRESH_DOCS=1 $(BIN)/pytest tests/docs/test_readme.py tests/docs/test_pages.py

# needs the system's chromium
pictures: $(DONE)
	$(BIN)/python -m tests.statements.pictures

slow: $(DONE)
	$(BIN)/pytest -m slow --ignore tests/field/test_reference_sweep.py

# about two hours of one core
sweep: $(DONE)
	$(BIN)/pytest -n 2 --dist load -m slow tests/field/test_reference_sweep.py

chaos: $(DONE)
	$(BIN)/pytest -m slow tests/pipeline/test_crashes.py tests/pipeline/test_repricing.py \
	    tests/pipeline/test_close.py tests/pipeline/test_accrual.py tests/pipeline/test_forget.py \
	    tests/pipeline/test_export.py

# what is mutated is drawn anew each time; the seed is printed
fuzz: $(DONE)
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

bench: bench-rating bench-sample bench-reading bench-first-run bench-nothing-new bench-new-day \
    bench-queries bench-bills bench-spans bench-statements bench-runaways

bench-rating: bench-setup
	$(BIN)/python -m benchmarks.rating --requests 10000000 --write

bench-statements: $(DONE)
	$(BIN)/python -m benchmarks.statements --write

bench-sample: $(DONE)
	$(BIN)/python -m benchmarks.sample_run --write

# BESIDE=<a checkout of another release> RELEASE=<its name> stands beside it
bench-reading: $(DONE)
	$(BIN)/python -m benchmarks.reading $(BESIDE:%=--beside %) $(RELEASE:%=--release %) --write

# 600 bytes of disk a request
bench-first-run: $(DONE)
	$(BIN)/python -m benchmarks.first_run --requests 1000000 --write
	$(BIN)/python -m benchmarks.first_run --requests 10000000 --scale --write

bench-nothing-new: $(DONE)
	$(BIN)/python -m benchmarks.nothing_new --write

bench-new-day: $(DONE)
	$(BIN)/python -m benchmarks.new_day --write

bench-queries: $(DONE)
	$(BIN)/python -m benchmarks.queries --requests 10000000 --write

# 5 GB of CSV, 1 GB of disk
bench-bills: $(DONE)
	$(BIN)/python -m benchmarks.bills --gigabytes 5 --write

bench-spans: $(DONE)
	$(BIN)/python -m benchmarks.spans --write

# writes docs/signals.md
bench-runaways: $(DONE)
	$(BIN)/python -m benchmarks.runaways --write

accuracy: $(DONE)
	$(BIN)/python -m accuracy

# with litellm, which is large and nothing else needs: tests that compare with it say when it is absent
bench-setup: $(BENCH_DONE)

# what dbt's target spark needs beside a Java of 17 or later: docs/spark.md
spark-setup: $(SPARK_DONE)

# REQUESTS=200000 simulates them, REMOTE=sc://host:15002 is a cluster; else the sample, in a session
spark-check: $(SPARK_DONE)
	$(BIN)/python -m benchmarks.engines.spark_check $(REQUESTS:%=--requests %) $(REMOTE:%=--remote %)

# in an environment of its own, by the rules of FOCUS that are in the validator's package
focus-check: $(FOCUS_DONE)
	$(BIN)/python -m benchmarks.focus_check $(WORKSPACE:%=--workspace %)

# in an environment of its own: LiteLLM is large, and nothing else needs the SDKs
limits-check: $(LIMITS_DONE)
	$(BIN)/python -m benchmarks.limits_check $(WORKSPACE:%=--workspace %)

lint: $(DONE)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	mkdir -p $(COMPILED)
	$(BIN)/mypy & types=$$!; \
	TOLLBOOK_WAREHOUSE=$(COMPILED)/warehouse.duckdb $(BIN)/dbt --quiet compile $(DBT_FLAGS) \
	    --exclude resource_type:test resource_type:unit_test && \
	$(BIN)/sqruff lint --quiet $(COMPILED)/compiled/tollbook/models; sql=$$?; \
	wait $$types && exit $$sql
	rm -rf $(COMPILED)

format: $(DONE)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

ui: $(DONE)
	mkdir -p $(DAGSTER_HOME)
	DAGSTER_HOME=$(DAGSTER_HOME) $(BIN)/dagster dev -m orchestration.definitions

# --inexact: uv stands in the same .venv and would remove itself
$(DONE): uv.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and \
	    \"Python 3.11 to 3.13 is needed, this is \" + sys.version + \": make PYTHON=...\")"
	@echo "setting up .venv, a minute the first time"
	@test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); }
	@$(BIN)/uv sync --frozen --inexact --quiet
	@$(BIN)/python -m orchestration.dbt.prepare
	@touch $(DONE)

$(BENCH_DONE): $(DONE)
	@$(BIN)/uv sync --frozen --inexact --quiet --group bench
	@touch $(BENCH_DONE)

$(SPARK_DONE): $(DONE)
	@$(BIN)/uv sync --frozen --inexact --quiet --group spark
	@touch $(SPARK_DONE)

$(FOCUS_DONE): $(DONE) benchmarks/focus_check/validator/uv.lock
	@echo "setting up .venv-focus, half a gigabyte"
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.venv-focus $(BIN)/uv sync --frozen --quiet --no-python-downloads \
	    --python $(FOCUS_PYTHON) --project benchmarks/focus_check/validator
	@touch $(FOCUS_DONE)

$(LIMITS_DONE): $(DONE) benchmarks/limits_check/sdks/uv.lock
	@echo "setting up .venv-limits, a quarter of a gigabyte"
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.venv-limits $(BIN)/uv sync --frozen --quiet --no-python-downloads \
	    --python $(BIN)/python --project benchmarks/limits_check/sdks
	@touch $(LIMITS_DONE)

clean:
	rm -rf .venv .venv-focus .venv-limits .dagster .pytest_cache .mypy_cache .ruff_cache .hypothesis
