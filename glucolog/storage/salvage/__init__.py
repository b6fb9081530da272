"""A damaged log read page by page, and what comes out of it put into a new one.

`scratch` makes the copy that is read, `walking` reads a table through its own pages, `orphans` finds the pages that no
table leads to any more, `settling` holds what came out against the journal, and `saving` does all of it in order.
"""

from __future__ import annotations

from glucolog.storage.salvage.saving import Salvaged, salvage

__all__ = ["Salvaged", "salvage"]
