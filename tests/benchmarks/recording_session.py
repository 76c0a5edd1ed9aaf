"""Prompts read to the real window through a virtual microphone (PulseAudio), and what was kept of them.

    xvfb-run -a python -m tests.benchmarks.recording_session [--prompts 20]

Prints a line for each take: how alike the stored speech is to what was played (correlation, over all of it
and over its first 50 ms), where it begins in the take, and the verdict.
"""

from __future__ import annotations

import argparse
import os
import tempfile

from PySide6.QtWidgets import QApplication

from core.paths import AppPaths
from gui.app import make_context
from tests.integration.reading import Reader
from tests.integration.virtual_microphone import VirtualMicrophone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--prompts", type=int, default=20)
    count = parser.parse_args().prompts
    app = QApplication([])
    with tempfile.TemporaryDirectory() as home, VirtualMicrophone() as microphone:
        os.environ["SPOONFUL_HOME"] = home
        context = make_context(AppPaths.default())
        context.theme.apply(app, "light")
        reader = Reader(context, microphone, count)
        found = [reader.read() for _ in range(count)]
        for each in found:
            print(
                f"{each.similarity:.4f} onset {each.onset:.3f} lag {each.lag_s:.2f} s, {each.seconds:.2f} s"
                f" of {each.played_s:.2f}: {each.label.words}: {each.verdict}"
            )
        print(
            f"{count} takes: least similarity {min(each.similarity for each in found):.4f}, of the onset"
            f" {min(each.onset for each in found):.3f}; lags {min(each.lag_s for each in found):.2f} to"
            f" {max(each.lag_s for each in found):.2f} s"
        )
        reader.close()
        context.close()


if __name__ == "__main__":
    main()
