"""`python3 -m core.bootstrap`: turns away a Python that is too old, then hands over.

This file alone is written so that Python 3.6 can read it; it could not say that it is too old otherwise.
"""

import shutil
import sys

NEEDED = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


def turned_away(version: "tuple[int, int]", command: str, arguments: "list[str]") -> str:
    """What to tell somebody whose Python is too old; empty when it is new enough."""
    if version >= NEEDED:
        return ""
    words = "Spoonful needs Python %d.%d or newer; this is Python %d.%d" % (NEEDED + version)
    words += " (%s).\n" % command
    for name in NEWER:
        if shutil.which(name):
            again = " ".join([name, "-m", "core.bootstrap", *arguments])
            return words + "You have a newer one; start again with it:\n  %s" % again
    return words + "Install a newer Python (your system's packages or python.org) and start again with it."


if __name__ == "__main__":
    refusal = turned_away(sys.version_info[:2], sys.executable, sys.argv[1:])
    if refusal:
        sys.stderr.write(refusal + "\n")
        sys.exit(1)
    from core.bootstrap.command import main

    sys.exit(main(sys.argv[1:]))
