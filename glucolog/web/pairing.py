"""A pairing code as text and as a QR sign."""

from __future__ import annotations

import io

from glucolog.web.keys import Code


def pairing_address(address: str, code: Code) -> str:
    """Return the address that fills in the code. It stands behind the #, so it reaches no server and no log."""
    return f"{address}/pair#{code.text}"


def qr_svg(address: str, code: Code) -> str:
    """Return the QR sign as an SVG element."""
    import segno

    target = io.BytesIO()
    sign = segno.make(pairing_address(address, code), error="m", micro=False)
    sign.save(target, kind="svg", xmldecl=False, svgns=False, omitsize=True, dark="#000", light="#fff", border=3)
    return target.getvalue().decode()


def qr_terminal(address: str, code: Code) -> str:
    """Return the QR sign as lines of half blocks for a terminal."""
    import segno

    target = io.StringIO()
    segno.make(pairing_address(address, code), error="m", micro=False).terminal(target, compact=True, border=2)
    return target.getvalue()
