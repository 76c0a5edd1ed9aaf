"""Listening for speech in an open microphone, for hands-free takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Literal

from core.audio.files import SAMPLE_RATE
from core.audio.recorder import Recorder
from core.audio.vad import CHUNK, Endpointer, Preset, SpeechProbability

_LOOK_S: Final = 0.032

Tell = Callable[[Literal["start", "end"], int], None]
"""Called with the position in the recorder's stream that speech began or ended at."""


def follow_speech(recorder: Recorder, preset: Preset, tell: Tell, cancelled: Callable[[], bool]) -> None:
    """Tell where speech begins and ends, until `cancelled` says so; it belongs to a thread of its own. A
    stream that is opened anew meanwhile is listened to from its beginning."""
    while not cancelled():
        rate, begun = recorder.rate, recorder.position
        if not rate or not recorder.listening:
            time.sleep(_LOOK_S)
            continue
        detector, endpointer = SpeechProbability(rate), Endpointer(preset)
        at = begun
        while not cancelled() and recorder.rate == rate and recorder.position >= at:
            heard = recorder.heard(at, recorder.position)
            at += heard.size
            for probability in detector.hear(heard):
                event = endpointer.hear(probability)
                if event is not None:
                    tell(event[0], begun + round(event[1] * CHUNK * rate / SAMPLE_RATE))
            time.sleep(_LOOK_S)
