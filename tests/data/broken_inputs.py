"""All broken inputs, and a script that writes them: python -m tests.data.broken_inputs FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tests.data import broken_folders, broken_formats, broken_manifests, broken_tables
from tests.data.broken_case import BrokenInput

BROKEN_INPUTS: Final[tuple[BrokenInput, ...]] = (
    *broken_manifests.BROKEN,
    *broken_formats.BROKEN,
    *broken_folders.BROKEN,
    *broken_tables.BROKEN,
)


def write_all(folder: Path) -> list[Path]:
    """Write each case into a folder of its name below `folder`; what a user would choose of each."""
    return [case.write(folder / case.name) for case in BROKEN_INPUTS]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name one folder, which need not be there yet: python -m tests.data.broken_inputs FOLDER")
    sys.stdout.write(f"{len(write_all(Path(sys.argv[1])))} broken inputs are written.\n")
