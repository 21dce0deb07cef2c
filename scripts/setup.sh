#!/usr/bin/env bash
# Make .venv from the lock files. The first argument is the Python to use.
set -euo pipefail
python=${1:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Watchroom needs Python 3.11 or newer; $python is $("$python" -V). Try: make PYTHON=python3.12" >&2
  exit 1
}
if [ ! -x .venv/bin/python ]; then
  echo "Making .venv"
  "$python" -c 'import ensurepip, venv' 2>/dev/null || bash scripts/debian.sh python3-venv
  "$python" -m venv .venv
fi
echo "Installing Python packages into .venv"
.venv/bin/python -m pip install -q --require-hashes -r requirements/uv.txt
.venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r requirements/dev.txt
.venv/bin/uv pip install -q --python .venv/bin/python --no-deps --no-build-isolation -e .
