# SPDX-License-Identifier: AGPL-3.0-or-later
"""The models that a site has brought: one folder a language, and what lies in it.

The site's folder also holds the recogniser's library, where it is not installed beside us.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

LANGUAGES = ("fr", "en")
# Where the site put the recogniser's library, by `pip install --target`.
LIBRARY = "python"
TOKENS = "tokens.txt"


class CaptionsFault(Exception):
    """Captions cannot be made; the sentence is for who looks after the kiosk."""


class ModelMissing(CaptionsFault):
    """There is no model where the settings say."""


class ModelUnreadable(CaptionsFault):
    """What lies there is no model that we can load."""


class Kind(StrEnum):
    """How a model listens."""

    # Words while somebody speaks: a transducer of the library's "streaming" family.
    STREAMING = "streaming"
    # What was said so far, read anew from the sentence's beginning: Moonshine.
    PIECES = "pieces"


@dataclass(frozen=True, slots=True)
class Model:
    """The files of one model; only pieces have no joiner."""

    kind: Kind
    tokens: Path
    encoder: Path
    decoder: Path
    joiner: Path | None = None


def languages_of(folder: Path) -> list[str]:
    """Give the languages that the site has brought a folder for; raises ModelMissing."""
    found = [each for each in LANGUAGES if (folder / each).is_dir()]
    if not found:
        raise ModelMissing(
            f"Le modèle de sous-titres manque : {folder} n'a ni dossier fr ni dossier en."
        )
    return found


def find_model(folder: Path, language: str) -> Model:
    """Give the model of a language; raises CaptionsFault with a plain sentence."""
    place = folder / language
    if language not in LANGUAGES or not place.is_dir():
        raise ModelMissing(f"Le modèle de sous-titres manque : {place}.")
    try:
        files = {each.name: each for each in sorted(place.iterdir())}
        tokens = files.get(TOKENS)
        parts = {part: _part(files, part) for part in ("encoder", "decoder", "joiner")}
        for each in filter(None, (tokens, *parts.values())):
            # Another user's file is found missing now, not in the middle of a call.
            each.open("rb").close()
    except OSError as error:
        raise ModelUnreadable(
            f"Le modèle de sous-titres est illisible : {error.filename}"
            f" ({error.strerror})."
        ) from error
    encoder, decoder, joiner = parts.values()
    if tokens is None or encoder is None or decoder is None:
        raise ModelUnreadable(
            f"Le modèle de sous-titres est illisible : il faut {TOKENS}, encoder*,"
            f" decoder* et le plus souvent joiner* dans {place}."
        )
    kind = Kind.STREAMING if joiner else Kind.PIECES
    return Model(kind, tokens, encoder, decoder, joiner)


def _part(files: dict[str, Path], part: str) -> Path | None:
    """Give a part's file; of two that of small numbers (int8), which is quicker."""
    fitting = [
        path
        for name, path in files.items()
        if name.startswith(part) and path.suffix in (".onnx", ".ort")
    ]
    small = [path for path in fitting if "int8" in path.name]
    return next(iter(small or fitting), None)
