# Thin: every target is one command that can be typed without make.
.PHONY: help setup serve test check wheel lock

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: ## Make .venv, install the locked packages, build the style sheet
	python3 bootstrap.py setup

serve: ## Set up, harvest the samples, publish and serve
	python3 bootstrap.py serve

test: ## Set up and run all tests
	python3 bootstrap.py test

check: setup ## Lint, types, import floors
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

wheel: setup ## Build the wheel into dist/
	.venv/bin/hatchling build -t wheel

lock: ## Resolve requirements.lock anew (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --upgrade -o requirements.lock
