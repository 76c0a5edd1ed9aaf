"""Speech by espeak-ng, in this process through ctypes, with the time of every phoneme."""

from __future__ import annotations

import ctypes

import numpy as np

from core.teaspoon.speech import Phone, Speech, Word, to_model_rate

_SYNCHRONOUS = 2
_PHONEME_EVENTS = 1
_UTF8 = 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_EVENT_END, _EVENT_PHONEME = 0, 7


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """The engine; one per process, since the library keeps its state in globals."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libespeak-ng.so.1")
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
            ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self._rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEME_EVENTS)
        if self._rate <= 0:
            raise RuntimeError("espeak-ng could not be initialised; is the package espeak-ng installed?")
        self._audio: list[bytes] = []
        self._phones: list[tuple[int, float, str]] = []
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, samples: int | None, count: int, events: ctypes._Pointer[_Event]) -> int:
        if samples and count > 0:
            self._audio.append(ctypes.string_at(samples, 2 * count))
        at = 0
        while events[at].type != _EVENT_END:
            event = events[at]
            if event.type == _EVENT_PHONEME:
                symbol = event.id.string.decode(errors="replace")
                self._phones.append((event.text_position - 1, event.sample / self._rate, symbol))
            at += 1
        return 0

    def say(self, text: str, voice: str, *, rate: int = 175, pitch: int = 50, span: int = 50) -> Speech:
        """`text` (ASCII) spoken by `voice`, e.g. "gmw/en-US+f3".

        rate: words per minute; pitch, span (pitch range): 0-99. Raises ValueError for an unknown accent;
        an unknown variant (behind the +) is spoken with the accent's default voice.
        """
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_RANGE, span)):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._audio.clear()
        self._phones.clear()
        data = text.encode("ascii")
        self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
        samples = np.frombuffer(b"".join(self._audio), np.int16).astype(np.float32) / 32768.0
        return Speech(
            to_model_rate(samples, self._rate),
            tuple(
                Phone("_" if symbol.startswith("_") else symbol, start) for _, start, symbol in self._phones
            ),
            _words(text, self._phones, len(samples) / self._rate),
        )


def _words(text: str, phones: list[tuple[int, float, str]], end: float) -> tuple[Word, ...]:
    """Stretches of text with their times; espeak joins words like "on the", then they share one stretch."""
    starts: list[tuple[int, float]] = []
    finish = end
    for position, start, symbol in phones:
        if position >= len(text) or symbol.startswith("_"):
            finish = start if starts else finish
            continue
        finish = end
        if not starts or position > starts[-1][0]:
            starts.append((position, start))
    words = []
    for index, (position, start) in enumerate(starts):
        last = index + 1 == len(starts)
        to_char, to_time = (len(text), finish) if last else starts[index + 1]
        words.append(Word(position, to_char, start, to_time))
    return tuple(words)
