"""The window's side of the inference process: answers come, and every way to die is survived and worded."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
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


@pytest.fixture
def loaded(client: InferenceClient) -> InferenceClient:
    client.load("my-run")
    return client


def test_it_loads_and_predicts(client: InferenceClient) -> None:
    said: list[str] = []
    model = client.load("teaspoon", ["demo"], said.append)
    assert (model.model, model.datasets, model.window_s) == ("teaspoon", ("demo",), 15.0)
    assert said == ["loading the weights"]
    answer = client.predict(Path("/take.wav"))
    assert answer.label == Label("light_on", (Slot("room", "kitchen"),))
    assert answer.runner_up == (("light_off", 0.1),)
    assert answer.confidence == 0.9
    assert client.transcribe(Path("/take.wav")) == "turn on the light"


def test_a_question_goes_to_the_model_it_names_or_else_to_the_newest(client: InferenceClient) -> None:
    first, second = client.load("first", ["demo"]), client.load("second")
    asked = [json.loads(client.predict("hello", of=model).raw) for model in (first, second, None)]
    assert [(each["model"], each["datasets"]) for each in asked] == [
        ("first", ["demo"]),
        ("second", None),
        ("second", None),
    ]


def test_samples_arrive_as_they_are_and_never_touch_the_disk(loaded: InferenceClient) -> None:
    samples = np.random.default_rng(17).standard_normal(1000).astype(np.float32)
    (item,) = json.loads(loaded.predict(samples).raw)["items"]
    assert np.array_equal(np.frombuffer(base64.b64decode(item["samples"]), "<f4"), samples)


def test_without_a_model_nothing_is_asked(client: InferenceClient) -> None:
    with pytest.raises(UserError, match="No model is loaded"):
        client.predict("hello")


def test_the_processs_own_errors_keep_their_words(loaded: InferenceClient) -> None:
    with pytest.raises(UserError) as caught:
        loaded.predict(Path("/refuse.wav"))
    assert (caught.value.what, caught.value.where, caught.value.remedy) == (
        "Too long.",
        "/refuse.wav",
        "Say less.",
    )
    assert loaded.predict(Path("/take.wav")).label is not None


def test_in_a_batch_an_error_stands_in_the_place_of_its_item(loaded: InferenceClient) -> None:
    items = [Path(f"/{'refuse' if number == 5 else 'take'}-{number}.wav") for number in range(7)]
    answers = loaded.predict_batch(items)
    assert [isinstance(answer, UserError) for answer in answers] == [number == 5 for number in range(7)]
    assert isinstance(answers[5], UserError)
    assert answers[5].where == "/refuse-5.wav"


def test_a_question_gets_in_between_a_batch(loaded: InferenceClient) -> None:
    began, done = threading.Event(), list[str]()

    def batch() -> None:
        class Slow(list[Path]):
            def __getitem__(self, key: slice) -> list[Path]:  # type: ignore[override]
                done.append("chunk")
                began.set()
                time.sleep(0.05)
                return super().__getitem__(key)

        loaded.predict_batch(Slow([Path("/take.wav")] * 80))

    thread = threading.Thread(target=batch)
    thread.start()
    assert began.wait(10)
    loaded.predict(Path("/live.wav"))
    assert len(done) < 20
    thread.join()


def test_a_process_that_dies_amid_a_question_is_replaced_and_the_answer_comes(
    loaded: InferenceClient,
) -> None:
    first = loaded.request("state")["pid"]
    said: list[str] = []
    assert loaded.predict(Path("/once.wav"), progress=said.append).label is not None
    assert said == ["the model stopped; it is started again"]
    assert loaded.request("state")["pid"] != first


def test_a_second_process_stands_by_and_takes_over(loaded: InferenceClient) -> None:
    process = psutil.Process(loaded.request("state")["pid"])
    (standby,) = [each.pid for each in psutil.Process().children() if each.pid != process.pid]
    process.kill()
    process.wait(5)
    assert loaded.predict(Path("/take.wav")).label is not None
    assert loaded.request("state")["pid"] == standby
    loaded.close()
    assert not psutil.Process().children()


def test_a_question_that_kills_two_processes_is_an_error(loaded: InferenceClient) -> None:
    with pytest.raises(UserError, match="SIGKILL") as caught:
        loaded.predict(Path("/die.wav"))
    assert "last words" in caught.value.details
    assert loaded.predict(Path("/take.wav")).label is not None


def test_a_model_that_kills_the_process_is_not_loaded_twice(client: InferenceClient) -> None:
    with pytest.raises(UserError, match="SIGKILL"):
        client.load("once")
    assert client.load("once").model == "once"


def test_a_process_that_died_while_idle_is_not_noticed_by_the_user(loaded: InferenceClient) -> None:
    process = psutil.Process(loaded.request("state")["pid"])
    process.kill()
    process.wait(5)
    assert loaded.predict(Path("/take.wav")).label is not None


def test_a_process_that_hangs_is_ended_and_said_so(app_paths: AppPaths) -> None:
    client = InferenceClient(app_paths, FAKE, timeout_s=0.5)
    client.load("my-run")
    pid = client.request("state")["pid"]
    with pytest.raises(UserError, match="no answer"):
        client.predict(Path("/hang.wav"))
    assert not psutil.pid_exists(pid)
    client.close()


@pytest.mark.expects_log("something else than a reply")
def test_what_a_library_prints_does_not_confuse_the_answers(client: InferenceClient) -> None:
    client.load("my-run")
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
        client.request("state")


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
        client.load("my-run")


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
