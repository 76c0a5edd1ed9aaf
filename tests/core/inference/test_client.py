"""The window's side of the inference process: answers come, and every way to die is survived and worded."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.data.utterance import Label, Slot
from core.errors import Cancelled, UserError
from core.inference.client import InferenceClient
from core.paths import AppPaths

FAKE = (sys.executable, "-m", "tests.core.inference.fake_worker")


@pytest.fixture
def client(app_paths: AppPaths) -> Iterator[InferenceClient]:
    client = InferenceClient(app_paths, FAKE, timeout_s=20.0)
    yield client
    client.close()


def test_it_loads_and_predicts(client: InferenceClient) -> None:
    said: list[str] = []
    model = client.load("teaspoon", ["demo"], said.append)
    assert (model.model, model.window_s) == ("teaspoon", 15.0)
    assert said == ["loading the weights"]
    answer = client.predict(Path("/take.wav"))
    assert answer.label == Label("light_on", (Slot("room", "kitchen"),))
    assert answer.runner_up == (("light_off", 0.1),)
    assert answer.confidence == 0.9


def test_the_processs_own_errors_keep_their_words(client: InferenceClient) -> None:
    with pytest.raises(UserError) as caught:
        client.predict(Path("/refuse.wav"))
    assert (caught.value.what, caught.value.where, caught.value.remedy) == (
        "Too long.",
        "/refuse.wav",
        "Say less.",
    )
    assert client.predict(Path("/take.wav")).label is not None


def test_a_process_that_dies_is_worded_and_the_next_request_finds_the_model_loaded_anew(
    client: InferenceClient,
) -> None:
    client.load("my-run", None)
    first = client.request("state")
    with pytest.raises(UserError, match="SIGKILL") as caught:
        client.predict(Path("/die.wav"))
    assert "last words" in caught.value.details
    second = client.request("state")
    assert second["loaded"] == first["loaded"] == "my-run"
    assert second["pid"] != first["pid"]


def test_a_process_that_died_while_idle_is_not_noticed_by_the_user(client: InferenceClient) -> None:
    client.load("my-run", None)
    process = psutil.Process(client.request("state")["pid"])
    process.kill()
    process.wait(5)
    assert client.request("state")["loaded"] == "my-run"


def test_a_model_that_failed_to_load_is_not_loaded_again_behind_the_scenes(client: InferenceClient) -> None:
    client.load("good", None)
    with pytest.raises(UserError):
        client.load("die", None)
    assert client.request("state")["loaded"] is None


def test_a_process_that_hangs_is_ended_and_said_so(app_paths: AppPaths) -> None:
    client = InferenceClient(app_paths, FAKE, timeout_s=0.5)
    pid = client.request("state")["pid"]
    with pytest.raises(UserError, match="no answer"):
        client.predict(Path("/hang.wav"))
    assert not psutil.pid_exists(pid)
    client.close()


@pytest.mark.expects_log("something else than a reply")
def test_what_a_library_prints_does_not_confuse_the_answers(client: InferenceClient) -> None:
    assert client.predict(Path("/babble.wav")).label is not None


def test_closing_ends_a_request_in_progress_and_the_process(client: InferenceClient) -> None:
    pid = client.request("state")["pid"]
    ends: list[Exception] = []
    asked = threading.Event()

    def ask() -> None:
        try:
            client.load("hang", None, lambda _words: asked.set())
        except Cancelled as end:
            ends.append(end)

    asking = threading.Thread(target=ask)
    asking.start()
    assert asked.wait(10)
    started = time.monotonic()
    client.close()
    asking.join(5)
    assert len(ends) == 1
    assert time.monotonic() - started < 2.0
    assert not psutil.pid_exists(pid)
    with pytest.raises(Cancelled):
        client.start()


def test_requests_of_two_threads_do_not_mix(client: InferenceClient) -> None:
    results: list[bool] = []

    def ask() -> None:
        results.extend("pid" in client.request("state") for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 80


def test_a_program_that_cannot_be_started_is_worded(app_paths: AppPaths) -> None:
    client = InferenceClient(app_paths, ("/no/such/program",))
    with pytest.raises(UserError, match="cannot be started"):
        client.start()


def test_the_process_does_not_outlive_a_window_that_is_killed(app_paths: AppPaths) -> None:
    code = (
        "from pathlib import Path; from core.inference.client import InferenceClient;"
        "from core.paths import AppPaths;"
        f"client = InferenceClient(AppPaths(Path({str(app_paths.home)!r})), {FAKE!r});"
        "print(client.request('state')['pid'], flush=True); import time; time.sleep(600)"
    )
    window = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert window.stdout is not None
    with window.stdout:
        worker = psutil.Process(int(window.stdout.readline()))
    window.kill()
    window.wait()
    worker.wait(10)


def test_it_knows_nothing_of_torch() -> None:
    code = "import sys, core.inference.client; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
