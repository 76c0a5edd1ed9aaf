from __future__ import annotations

import pytest

from core.bootstrap.pip_output import Progress, explain


def test_only_what_takes_time_is_shown() -> None:
    progress = Progress()
    said = [
        "Obtaining file:///home/ann/spoonful",
        "Collecting torch<2.14,>=2.13",
        "  Downloading torch-2.13.0%2Bcpu-cp311-cp311-manylinux_2_28_x86_64.whl.metadata (29 kB)",
        "  Downloading https://files.example/torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (183.0 MB)",
        "  Downloading nvidia_cudnn-9.1-py3-none-manylinux2014_x86_64.whl (1.2 GB)",
        "  Downloading tqdm-4.67-py3-none-any.whl (78.3 MB)",
        "  Downloading click-8.1-py3-none-any.whl (0.1 MB)",
        "Installing collected packages: torch, tqdm, click",
        "Successfully installed torch-2.13.0",
    ]
    assert [words for line in said if (words := progress.feed(line))] == [
        "downloading torch 2.13.0 (183.0 MB)",
        "downloading nvidia_cudnn 9.1 (1.2 GB)",
        "downloading tqdm 4.67 (78.3 MB)",
        "unpacking 3 packages",
    ]
    assert progress.lines == said


def test_silence_is_worded_with_what_goes_on() -> None:
    progress = Progress()
    progress.feed("  Installing build dependencies: started")
    assert progress.activity == "fetching the build tools"
    progress.feed("Collecting transformers<6,>=5.20")
    assert progress.activity == "looking for transformers"
    progress.feed("WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by ...")
    assert "trying again" in progress.activity


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "The disk is full"),
        ("OSError: [WinError 112] There is not enough space on the disk", "The disk is full"),
        ("NewConnectionError('... [Errno -3] Temporary failure in name resolution')", "cannot be reached"),
        ('ReadTimeoutError("HTTPSConnectionPool(...): Read timed out.")', "cannot be reached"),
        ("ProxyError('Cannot connect to proxy.')", "cannot be reached"),
        ("SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]')", "certificate was refused"),
        ("ERROR: No matching distribution found for torch<2.14,>=2.13", "There is no torch for this Python"),
        ("HINT: ... this system does not have Windows Long Path support enabled.", "too long"),
    ],
)
def test_failures_are_worded(line: str, words: str) -> None:
    error = explain(["Collecting torch", line], "/here/.venv", "/here/.venv/setup.log")
    assert words in error.what
    assert "start again" in error.remedy


def test_no_network_is_not_mistaken_for_a_missing_release() -> None:
    """pip ends with the same last line in both cases."""
    said = [
        "WARNING: Retrying ... NewConnectionError('Failed to establish a new connection')",
        "ERROR: No matching distribution found for setuptools>=77",
    ]
    assert "cannot be reached" in explain(said, "", "").what


def test_an_unknown_failure_shows_pips_last_words_and_the_log() -> None:
    error = explain([f"line {number}" for number in range(20)], "/here", "/here/setup.log")
    assert "line 19" in error.what
    assert "line 11" not in error.what
    assert "/here/setup.log" in error.remedy
