#!/usr/bin/env bash
# Compile requirements/*.in into locks with hashes and no download addresses.
set -euo pipefail
compile() {
  .venv/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 "$@"
}
compile requirements/uv.in -o requirements/uv.txt
compile --extra server --extra agent --extra demo pyproject.toml requirements/dev.in -o requirements/dev.txt
compile requirements/bench.in -o requirements/bench.txt
