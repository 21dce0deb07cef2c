# Sourced: puts .venv/bin first on PATH, where Node lives if the system has none.
PATH="$PWD/.venv/bin:$PATH"
export PATH
