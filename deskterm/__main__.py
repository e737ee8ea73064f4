"""`python -m deskterm`, for where the `deskterm` command is not on the path."""

from __future__ import annotations

import sys

from deskterm.cli import main

if __name__ == "__main__":
    sys.exit(main())
