"""Speech by festival: one process for a whole batch of sentences, with the times of phones and words."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile

from core.teaspoon.speech import Phone, Speech, to_model_rate, words_from_ends

_SPEAK = """
(define (word_times u name)
  (let ((file (fopen name "w")))
    (mapcar (lambda (w) (format file "%s %f %f\\n" (item.name w) (item.feat w "word_start")
                                (item.feat w "word_end")))
            (utt.relation.items u 'Word))
    (fclose file)))
(define (speak text name stretch)
  (Parameter.set 'Duration_Stretch stretch)
  (let ((u (utt.synth (eval (list 'Utterance 'Text text)))))
    (utt.save.wave u (string-append name ".wav"))
    (utt.save.segs u (string-append name ".seg"))
    (word_times u (string-append name ".words"))))
"""


def say_all(texts: Sequence[str], voice: str, stretches: Sequence[float]) -> Iterator[Speech]:
    """Every text spoken by a festival voice ("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts"),
    in order. stretches: > 1 is slower; one for each text."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "batch.scm"
        lines = [
            f'(speak "{text}" "{folder}/{index}" {stretch:.3f})'
            for index, (text, stretch) in enumerate(zip(texts, stretches, strict=True))
        ]
        script.write_text("\n".join([f"(voice_{voice})", _SPEAK, *lines]), encoding="ascii")
        subprocess.run(["festival", "-b", str(script)], capture_output=True, check=True)
        for index, text in enumerate(texts):
            yield _read(Path(folder) / str(index), text)


def _read(base: Path, text: str) -> Speech:
    samples, rate = soundfile.read(base.with_suffix(".wav"), dtype="float32")
    segments = [line.split() for line in base.with_suffix(".seg").read_text().splitlines()[1:]]
    ends = [(symbol, float(end)) for end, _, symbol in segments]
    starts = [0.0, *(end for _, end in ends[:-1])]
    phones = tuple(Phone(symbol, start) for (symbol, _), start in zip(ends, starts, strict=True))
    words = [line.split() for line in base.with_suffix(".words").read_text().splitlines()]
    word_ends = [(name, float(end)) for name, _, end in words]
    return Speech(
        to_model_rate(np.asarray(samples), rate), phones, words_from_ends(text, word_ends, float(words[0][1]))
    )
