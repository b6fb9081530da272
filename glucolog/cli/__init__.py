"""The command line: parse, call one service, render."""

from __future__ import annotations

from glucolog.cli.app import main

__all__ = ["main"]
