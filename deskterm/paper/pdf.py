"""The form as a PDF, set by Typst, which comes with the extra `pdf` and is loaded when a form is printed.

The page (`form.typ`) is ours and fixed; what people typed reaches it as data, so nothing in it is ever a command.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files

from deskterm.paper.form import Paper


class PaperUnavailable(Exception):
    """PDF cannot be written here; the message says what to install."""


def as_pdf(paper: Paper) -> bytes:
    """Print the form. Raises PaperUnavailable where Typst is not installed."""
    try:
        import typst
    except ImportError as error:
        raise PaperUnavailable(
            "PDF needs Typst: install it with `pip install 'deskterm[pdf]'`, or export as Markdown."
        ) from error
    page = files("deskterm").joinpath("paper", "form.typ").read_bytes()
    written: bytes = typst.compile(page, format="pdf", sys_inputs={"form": json.dumps(asdict(paper))})
    return written
