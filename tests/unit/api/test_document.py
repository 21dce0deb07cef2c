"""The document in docs/ is the API's own."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_docs_openapi_is_up_to_date() -> None:
    script = ROOT / "scripts" / "openapi.py"
    made = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    kept = json.loads((ROOT / "docs" / "openapi.json").read_text())
    assert json.loads(made.stdout) == kept, "run `python scripts/openapi.py docs/openapi.json`"
