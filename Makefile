# What a user needs: make run (the window), make test, make check, make bench, make setup, make clean.
# Each installs what is missing first. Settings of yours that count: pip's own, PYTHON=..., TORCH_INDEX=<an index with torch>.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
SYSTEM := $(VENV)/.system-libraries
WITNESSES := $(VENV)/.test-programs
PACKAGES := $(VENV)/.python-packages
ARGS ?=

.PHONY: setup run test check bench clean

setup:
	@rm -f $(SYSTEM)
	@$(MAKE) --no-print-directory $(PACKAGES)
	@echo "Ready. 'make run' opens the window; '$(BIN)/musicassist --help' lists the command line."

run: $(PACKAGES)
	@$(BIN)/musicassist $(ARGS)

test: $(PACKAGES) $(WITNESSES)
	$(BIN)/python -m pytest $(ARGS)

check: $(PACKAGES)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(PACKAGES)
	$(BIN)/musicassist bench $(ARGS)

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find musicassist tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Never a reason to stop: what cannot be installed is said, and the rest works without it.
$(SYSTEM): setup/system-libraries
	@PYTHON="$(PYTHON)" sh setup/system-libraries
	@mkdir -p $(VENV) && touch $@

$(WITNESSES): setup/test-programs | $(SYSTEM)
	@sh setup/test-programs
	@touch $@

$(PACKAGES): pyproject.toml constraints.txt setup/python-packages | $(SYSTEM)
	@PYTHON="$(PYTHON)" TORCH_INDEX="$(TORCH_INDEX)" sh setup/python-packages $(VENV)
	@touch $@
