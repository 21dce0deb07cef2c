"""`python -m watchroom.cli`: the command without its script."""

import sys

from watchroom.cli.main import main

sys.exit(main())
