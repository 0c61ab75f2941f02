# The commands of this project; `make` alone prints them. PYTHON=... chooses the interpreter that .venv is made from.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# JupyterLab refuses to start as root, which is what a container usually is, unless it is told to.
ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# Two at a time, each file by one; the browser tests apart: playwright keeps an event loop running.
TWO := -n 2 --dist loadscope
# OpenBLAS's names for processors whose last digits differ; every x86-64 processor with AVX2 can run these three.
KERNELS := Haswell Nehalem Prescott
LOCK := uv pip compile pyproject.toml --custom-compile-command "make lock" --universal --python-version 3.11 --generate-hashes --quiet --upgrade

help:     ## print these lines
	@sed -n 's/^\([a-z-]*\):.*## /make \1: /p' Makefile
lab:      .venv/.ready-lab   ## open JupyterLab on the notebooks (options: LAB_ARGS=--no-browser)
	$(BIN)/jupyter lab --ip=127.0.0.1 $(ROOT) $(LAB_ARGS) notebooks
test:     .venv/.ready-test  ## run every test but the slow ones; those of the site, where make site was set up
	$(BIN)/python -m pytest $(TWO) --ignore=tests/browser --ignore=tests/site
	$(BIN)/python -m pytest $(TWO) tests/browser
	$(BIN)/python -m pytest tests/site
test-all: .venv/.ready-test ## run every test, the slow ones too
	$(BIN)/python -m pytest -m "" $(TWO) --ignore=tests/browser --ignore=tests/site
	$(BIN)/python -m pytest -m "" $(TWO) tests/browser
	$(MAKE) test-site
test-site: .venv/.ready-test .venv/.ready-site ## build the site; run all its tests, and those of the browser on its notebooks
	REPOSITORY=someone/rnnlib $(BIN)/python site/build.py --output build/tested --zip
	SITE_BUILT=build/tested $(BIN)/python -m pytest -m "" $(TWO) tests/site
	$(BIN)/python -m pytest -m "" $(TWO) --alone build/tested tests/browser
kernels:  .venv/.ready-test  ## run notebooks and pictures as other x86-64 processors round (KERNELS=Haswell: as that one)
	set -e; for kernel in $(KERNELS); do OPENBLAS_CORETYPE=$$kernel $(BIN)/python -m pytest $(TWO) notebooks tests/test_pictures.py; done
lint:     .venv/.ready-test  ## check style, types and the CI file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/oxlint --deny-warnings -D correctness -D perf rnnlib site
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml .github/workflows/pages.yml
	$(BIN)/python -m pytest -q tests/test_house.py
notebooks: .venv/.ready-test ## run every notebook again and store its outputs
	$(BIN)/python notebooks/execute.py
	$(BIN)/python notebooks/glossary.py
pictures: .venv/.ready-test  ## draw the pictures that the tests compare with, and store them
	$(BIN)/python -m pytest -q tests/test_pictures.py --renew-pictures
site:     .venv/.ready-site  ## build the site into build/site (PYODIDE=... REPOSITORY=owner/name: see CONTRIBUTING.md)
	$(BIN)/python site/build.py $(SITE_ARGS)
serve-site: ## show the built site on loopback
	@test -d build/site || $(MAKE) site
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site 8000
bench:    .venv/.ready-bench site ## measure against peers (installs PyTorch, and with npm a hub's proxy)
	$(BIN)/python -m benchmarks
lock:     ## choose the locked versions anew (needs uv)
	$(LOCK) --extra lab --group build --output-file requirements.lock
	$(LOCK) --extra lab --extra test --extra lint --group build --constraints requirements.lock --output-file requirements-test.lock
	$(LOCK) --extra lab --extra site --group build --constraints requirements-test.lock --output-file requirements-site.lock
	uv pip compile site/browser.in --custom-compile-command "make lock" --universal --python-version 3.11 --generate-hashes --quiet \
		--no-deps --constraints requirements.lock --output-file site/browser.lock
	cp site/package.json .venv/site && npm install --prefix .venv/site --package-lock-only --omit-lockfile-registry-resolved && cp .venv/site/package-lock.json site
clean:    ## remove .venv and the caches
	rm -rf .venv .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is younger than the files that it was made from; a changed lock makes it again.
.venv/.ready-lab: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and "Python 3.11 or newer wanted, $(PYTHON) is %d.%d: try make PYTHON=python3.12" % v[:2])'
	@echo "Setting up .venv, about a minute the first time"
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@
.venv/.ready-test: requirements-test.lock .venv/.ready-lab
	$(PIP) --require-hashes -r requirements-test.lock
	@touch $@
# Wheels for the browser and what npm has stay files: the build copies them.
.venv/.ready-site: requirements-site.lock site/browser.lock site/package-lock.json .venv/.ready-lab
	$(PIP) --require-hashes -r requirements-site.lock
	rm -rf .venv/site
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -r site/browser.lock -d .venv/site/wheels
	cp site/package.json site/package-lock.json .venv/site
	npm ci --silent --prefix .venv/site
	@touch $@
.venv/.ready-bench: .venv/.ready-test
	$(PIP) -e '.[bench]'
	npm install --silent --prefix .venv configurable-http-proxy
	@touch $@

.PHONY: help lab test test-all test-site kernels lint notebooks pictures site serve-site bench lock clean
