# SPDX-License-Identifier: AGPL-3.0-or-later
"""What hears words: the port, and the adapter to sherpa-onnx, which alone imports it.

A library that does not take a model's files ends the process it is in: this is for a process
of its own (`sip_endpoints.captions.engine`).
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sip_endpoints.captions.models import CaptionsFault, Kind, Model
from sip_endpoints.captions.speech import FRAME, RATE, Speech

# A sentence that is still being spoken is read anew so often.
AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Heard:
    """Words; those of a sentence that is not over may still change."""

    text: str
    is_final: bool


class Recogniser(Protocol):
    """Hears sound of 16 kHz, one channel."""

    def hear(self, samples: "array[float]") -> Iterator[Heard]:
        """Take what was said since, between -1 and 1, and give what is new in words."""


def open_recogniser(model: Model) -> Recogniser:
    """Load a model, for seconds; raises CaptionsFault where the library is missing."""
    try:
        import sherpa_onnx
    except ModuleNotFoundError as error:
        raise CaptionsFault(
            "La bibliothèque des sous-titres manque : sherpa-onnx n'est pas installé."
        ) from error
    if model.kind is Kind.STREAMING:
        assert model.joiner is not None
        return StreamingRecogniser(
            sherpa_onnx.OnlineRecognizer.from_transducer(
                tokens=str(model.tokens),
                encoder=str(model.encoder),
                decoder=str(model.decoder),
                joiner=str(model.joiner),
                num_threads=1,
                sample_rate=RATE,
                enable_endpoint_detection=True,
                rule2_min_trailing_silence=0.8,
                rule3_min_utterance_length=12.0,
            )
        )
    return PiecesRecogniser(
        sherpa_onnx.OfflineRecognizer.from_moonshine_v2(
            encoder=str(model.encoder),
            decoder=str(model.decoder),
            tokens=str(model.tokens),
            num_threads=1,
        )
    )


class StreamingRecogniser:
    """Words while somebody speaks."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._stream = library.create_stream()
        self._told = ""

    def hear(self, samples: "array[float]") -> Iterator[Heard]:
        """Take what was said since, and give what is new."""
        self._stream.accept_waveform(RATE, samples)
        while self._library.is_ready(self._stream):
            self._library.decode_stream(self._stream)
        text = legible(self._library.get_result(self._stream))
        is_over = self._library.is_endpoint(self._stream)
        if is_over:
            self._library.reset(self._stream)
        if text and (is_over or text != self._told):
            yield Heard(text, is_over)
        self._told = "" if is_over else text


class PiecesRecogniser:
    """Reads the sentence that is being spoken anew, again and again, until it is over."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._speech = Speech()
        self._rest: array[float] = array("f")
        self._read = 0

    def hear(self, samples: "array[float]") -> Iterator[Heard]:
        """Take what was said since, and give what is new."""
        self._rest.extend(samples)
        while len(self._rest) >= FRAME:
            frame, self._rest = self._rest[:FRAME], self._rest[FRAME:]
            if self._speech.take(frame):
                yield from self._words(is_final=True)
                self._read = 0
        grown = len(self._speech.samples) - self._read
        if self._speech.is_on and grown >= AGAIN_SECONDS * RATE:
            self._read = len(self._speech.samples)
            yield from self._words(is_final=False)

    def _words(self, *, is_final: bool) -> Iterator[Heard]:
        stream = self._library.create_stream()
        stream.accept_waveform(RATE, self._speech.samples)
        self._library.decode_stream(stream)
        text = legible(stream.result.text)
        if text:
            yield Heard(text, is_final)


def legible(text: str) -> str:
    """Give words as a person writes them: many models know capitals alone."""
    words = " ".join(text.split())
    if words.isupper():
        words = words.lower()
    return words[:1].upper() + words[1:]


def add_library(folder: Path, path: list[str]) -> None:
    """Have the library found where the site put it, before what is installed beside us."""
    if folder.is_dir():
        path.insert(0, str(folder))
