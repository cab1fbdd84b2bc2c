# Everything a person or a machine does here. `make up` needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
PY := .venv/bin/python
LOCAL := @$(PY) -m deploy.local
# `workers=3` shares them among processes; on two cores that is no faster.
workers ?= 0
TESTS := tests/unit tests/contract tests/integration tests/e2e tests/web tests/chaos -q -m "not slow" -n $(workers)
# What Python compiles is kept, whatever the machine's Python is told: half of a service's start is that.
export PYTHONPYCACHEPREFIX ?= $(CURDIR)/.run/bytecode
unexport PYTHONDONTWRITEBYTECODE
name ?=
path ?= /desk
as ?= seller

.PHONY: help env browser up down reset logs status test test-web check lint lint-schema types format contracts lint-api vendor styles screenshots bench soak chaos mutants lock upgrade

help:
	@echo "make up | down | reset | status | logs [name=gateway] | run name=vip command='dead-letters list' | ask [path=/desk] [as=seller] | test | test-web | check | lint-schema | format | contracts | lint-api | vendor | styles | screenshots | bench | soak | chaos | mutants | lock | upgrade"

env:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and there is no $(PYTHON) here: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(PYTHON) deploy/bootstrap.py

up: env
	$(LOCAL) up

down: env
	$(LOCAL) down

reset: env
	$(LOCAL) reset

status: env
	$(LOCAL) status

logs: env
	$(LOCAL) logs $(name)

run: env
	$(LOCAL) run $(name) $(command)

ask: env
	$(LOCAL) ask '$(path)' --as $(as)

test: env browser
	@$(PY) -m pytest $(TESTS)

# Every screen and journey in Chromium: that of CHROMIUM, else the system's, else an npm package's.
test-web: env browser
	@$(PY) -m pytest tests/web -q -m "not slow"

browser: env
	@$(PY) -m tests.support.chromium

check: env browser
	@$(MAKE) --no-print-directory -j 2 lint types
	@$(PY) -m pytest $(TESTS)

lint:
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@PYTHONPATH=. .venv/bin/lint-imports
	@$(PY) -m shared.contracts --check

# What stands in the way of tables distributed by tenant: each catalogue and every statement.
lint-schema: env
	@$(PY) -m pytest tests/integration/shared/test_walls.py tests/integration/shared/test_schemas.py tests/contract/test_distributable_statements.py -q

types:
	@$(PY) -m mypy deploy services shared tests

format: env
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

contracts: env
	@$(PY) -m shared.contracts

# Scripts and styles of others, as the manifests name them; `make check` compares their sums.
vendor: env
	@$(PY) -m deploy.vendor

# Bootstrap less what no page uses, where a template or a script uses other classes of it than before.
styles: env
	@$(PY) -m deploy.styles

# Every screen of the demo tenant in both languages and widths; those that docs show are kept there.
screenshots: up browser
	@$(PY) -m tests.web.screenshots

# Redocly's and Spectral's recommended rules, beside our own in `make check`. Needs Node and npm.
lint-api:
	@npx --yes @redocly/cli@2.77.0 lint docs/api/openapi.json --extends recommended-strict
	@npx --yes @stoplight/spectral-cli@6.16.3 lint docs/api/openapi.json --ruleset docs/api/.spectral.yaml

# Every figure beside its floor; `make bench name="reads commands"` only some.
bench: env
	@$(PY) -m tests.load.bench $(name)

# An hour at half load; `make soak minutes=10` a shorter one.
soak: env
	@$(PY) -m tests.load.soak --minutes $(or $(minutes),60)

# What takes minutes: crash rounds, outages, the mechanism broken on purpose. `make chaos ROUNDS=1000`, `make chaos ROUNDS=1 SEED=…`.
ROUNDS ?= 30
SEED ?=

chaos: env
	@ROUNDS=$(ROUNDS) SEED=$(SEED) $(PY) -m pytest tests/chaos tests/e2e/test_static_members.py -m slow -q -s

# Rules changed on purpose, to see whether a unit test notices: about ten minutes.
# `make mutants name="services.vip.*"` only some.
mutants: env
	@$(PY) -m tests.mutants $(if $(name),"$(name)")

# The lock names no registry host, so that the index is whatever this machine is set up with.
# `make upgrade` raises every version to the newest within its bounds and shows what changed.
upgrade: OPTIONS = --upgrade
lock upgrade: env
	@.venv/bin/uv lock $(OPTIONS)
	@sed -E -i -e 's#https://[^"]*/packages/[^"]*/##' -e 's#registry = "https://[^"]*"#registry = "simple"#' uv.lock
	$(LOCAL) lock
