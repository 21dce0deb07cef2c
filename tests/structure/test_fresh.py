"""What is generated and kept in the repository is what its generator makes now."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
HINT = "run `npm run types` in web/"


def test_the_document_is_the_apis_own() -> None:
    script = ROOT / "scripts" / "openapi.py"
    made = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert made.stdout == (ROOT / "docs" / "openapi.json").read_text(), HINT


def test_the_types_of_the_pages_are_those_of_the_document(tmp_path: Path) -> None:
    command = json.loads((WEB / "package.json").read_text())["scripts"]["types"]
    kept = "src/api/schema.ts"
    generate = f"openapi-typescript ../docs/openapi.json -o {kept}"
    assert command.endswith(generate), "this test makes the types as `npm run types` does"
    made = tmp_path / "schema.ts"
    paths = [ROOT / ".venv/bin", WEB / "node_modules/.bin", os.environ["PATH"]]
    subprocess.run(
        [*generate.split()[:-1], made],
        cwd=WEB,
        env={**os.environ, "PATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        check=True,
    )
    assert made.read_text() == (WEB / kept).read_text(), HINT
