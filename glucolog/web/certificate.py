"""A certificate of one's own for the local network, made by the openssl program and kept until it runs out.

The openssl program rather than a library: it is on every Linux and macOS, and no dependency is needed for one call.
"""

from __future__ import annotations

import hashlib
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glucolog.errors import RefusedError

DAYS = 397
"""Browsers refuse longer ones."""
RENEW_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where the certificate and its key lie."""

    file: Path
    key: Path

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate as browsers show it: pairs of hex digits."""
        der = ssl.PEM_cert_to_DER_cert(self.file.read_text("ascii"))
        digest = hashlib.sha256(der).hexdigest().upper()
        return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))

    def context(self) -> ssl.SSLContext:
        """Return what a server needs to speak TLS 1.2 or newer."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.file, self.key)
        return context


def certificate(folder: Path, names: Sequence[str]) -> Certificate:
    """Return the certificate for these names and addresses, made anew when they changed or it runs out.

    Raises `RefusedError` when the openssl program is missing or fails.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made, told = Certificate(folder / "glucolog.crt", folder / "glucolog.key"), folder / "names.txt"
    wanted = _alternative_names(names)
    if told.is_file() and told.read_text("utf-8") == wanted and _lasts(made):
        return made
    _make(made, wanted)
    told.write_text(wanted, "utf-8")
    return made


def _alternative_names(names: Sequence[str]) -> str:
    kinds = ("IP" if name.replace(".", "").isdigit() or ":" in name else "DNS" for name in names)
    return ",".join(f"{kind}:{name}" for kind, name in zip(kinds, names, strict=True))


def _lasts(made: Certificate) -> bool:
    if not made.file.is_file() or not made.key.is_file():
        return False
    return _openssl("x509", "-checkend", str(RENEW_S), "-noout", "-in", str(made.file)).returncode == 0


def _make(made: Certificate, wanted: str) -> None:
    made.key.unlink(missing_ok=True)
    made.key.touch(mode=0o600)
    done = _openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(DAYS),
        "-subj", "/CN=glucolog", "-addext", f"subjectAltName={wanted}", "-addext", "basicConstraints=critical,CA:FALSE",
        "-addext", "extendedKeyUsage=serverAuth", "-keyout", str(made.key), "-out", str(made.file),
    )  # fmt: skip
    if done.returncode:
        raise RefusedError("No certificate could be made.", f"openssl said: {done.stderr.strip().splitlines()[-1:]}")


def _openssl(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("openssl")
    if program is None:
        raise RefusedError(
            "--lan needs the openssl program, which is not here.", "Install openssl, or leave --lan out."
        )
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60)
