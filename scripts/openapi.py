"""Write the API's document: `python scripts/openapi.py [FILE]`, standard output without a file."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from watchroom.config.settings import values
from watchroom.runtime.clock import SystemClock
from watchroom.server.app import open_watchroom


async def document() -> str:
    """Return the document of a server that is built like any other, on an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_watchroom(values({"data": folder}), SystemClock()) as watchroom:
            return json.dumps(watchroom.api.openapi(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it where the command line says."""
    text = asyncio.run(document())
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
