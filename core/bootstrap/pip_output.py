"""Turns what pip says into a few lines worth reading, and its failures into plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.errors import UserError

SIZE_WORTH_A_LINE_MB = 5.0

_DOWNLOADING = re.compile(
    r"Downloading (?:\S*/)?(?P<name>[A-Za-z0-9_.]+?)-(?P<version>[^-\s]+)-\S+"
    r" \((?P<size>[\d.]+) (?P<unit>[MG])B\)"
)
_COLLECTING = re.compile(r"Collecting (?P<name>[A-Za-z0-9_.-]+)")
_UNPACKING = re.compile(r"Installing collected packages: (?P<names>.+)")

_NO_SPACE = re.compile(r"No space left on device|Errno 28|not enough space on the disk", re.IGNORECASE)
_BAD_CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|SSLError")
_NO_NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|NameResolutionError|name resolution|ProxyError"
    r"|Network is unreachable|Connection refused|Connection reset|ConnectionError|Temporary failure"
)
_LONG_PATH = re.compile(r"Windows Long Path support")
_NO_RELEASE = re.compile(r"No matching distribution found for (?P<name>[A-Za-z0-9_.-]+)")


class Progress:
    """What pip is doing now. `feed` gives the line to show, if any; `activity` words a long silence."""

    def __init__(self) -> None:
        self.activity = "starting pip"
        self.lines: list[str] = []

    def feed(self, line: str) -> str:
        self.lines.append(line)
        if match := _UNPACKING.search(line):
            self.activity = f"unpacking {len(match['names'].split(', '))} packages"
            return self.activity
        if match := _DOWNLOADING.search(line):
            return self._downloading(match)
        if match := _COLLECTING.search(line):
            self.activity = f"looking for {match['name']}"
        elif "Installing build dependencies" in line:
            self.activity = "fetching the build tools"
        elif "Retrying (" in line:
            self.activity = "no answer from the package index, trying again"
            return self.activity
        return ""

    def _downloading(self, match: re.Match[str]) -> str:
        self.activity = f"downloading {match['name']} {match['version']} ({match['size']} {match['unit']}B)"
        megabytes = float(match["size"]) * (1000 if match["unit"] == "G" else 1)
        return self.activity if megabytes >= SIZE_WORTH_A_LINE_MB else ""


def explain(lines: Sequence[str], where: str, log: str) -> UserError:
    """Why pip failed. where: the environment it filled; log: the file with everything it said."""
    said = "\n".join(lines)
    if _NO_SPACE.search(said):
        return UserError(
            "The disk is full; the packages could not be installed.",
            where=where,
            remedy="Free some space there (`pip cache purge` helps too), then start again.",
        )
    if _LONG_PATH.search(said):
        return UserError(
            "Windows refused a file name that is too long.",
            where=where,
            remedy=r"Move this folder to a short path such as C:\spoonful, then start again.",
        )
    if _BAD_CERTIFICATE.search(said):
        return UserError(
            "The package index could not be trusted: its certificate was refused.",
            remedy="A company network often needs its own certificate: set PIP_CERT to that file, or ask "
            "your administrator, then start again.",
        )
    if _NO_NETWORK.search(said):
        return UserError(
            "The package index cannot be reached.",
            remedy="Check the network (and HTTPS_PROXY, if you need a proxy), then start again; what was "
            "downloaded is kept.",
        )
    if match := _NO_RELEASE.search(said):
        return UserError(
            f"There is no {match['name']} for this Python and this kind of computer.",
            remedy="Use a 64-bit Python 3.11 to 3.13 on Linux, Windows or macOS, then start again.",
            details=said,
        )
    last_words = [f"  {line}" for line in lines if line.strip()][-8:]
    return UserError(
        "pip could not install the packages. It said:\n" + "\n".join(last_words),
        remedy=f"Everything it said: {log}",
    )
