# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes Moonshine's English model out of its wheel: `WHEEL FOLDER`.

Its list of tokens is rewritten as sherpa-onnx reads it: each in base64, with its number.
"""

import base64
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

INSIDE = "moonshine_voice/assets/tiny-en"
PARTS = ("encoder_model.ort", "decoder_model_merged.ort")


def main() -> None:
    """Unpack what the command line names."""
    wheel, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in PARTS:
            (folder / name).write_bytes(archive.read(f"{INSIDE}/{name}"))
        tokens = archive.read(f"{INSIDE}/tokenizer.bin")
    lines = [
        f"{base64.b64encode(token).decode()} {number}\n"
        for number, token in enumerate(tokens_of(tokens))
    ]
    (folder / "tokens.txt").write_text("".join(lines), encoding="ascii")


def tokens_of(data: bytes) -> Iterator[bytes]:
    """Give each token: a length of one byte or, from 128 on, of two, and its bytes."""
    at = 0
    while at < len(data):
        length, at = data[at], at + 1
        if length >= 128:
            length, at = data[at] * 128 + length - 128, at + 1
        yield data[at : at + length]
        at += length


if __name__ == "__main__":
    main()
