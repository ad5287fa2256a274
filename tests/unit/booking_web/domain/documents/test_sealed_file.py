# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is encrypted comes back whole, or not at all."""

import io
import os

import pytest

from booking_web.domain.documents.errors import ContentMissing, StoreNotConfigured
from booking_web.domain.documents.sealed_file import (
    FRAME_BYTES,
    DocumentsKey,
    SealedWriter,
    count_frames,
    unseal,
    unseal_unfinished,
)

KEY = DocumentsKey(b"k" * 32)


def sealed(*pieces: bytes, key: DocumentsKey = KEY) -> io.BytesIO:
    file = io.BytesIO()
    writer = SealedWriter(file, key)
    for number, piece in enumerate(pieces, 1):
        writer.write(piece, is_last=number == len(pieces))
    return file


@pytest.mark.parametrize("size", [0, 1, FRAME_BYTES - 1, FRAME_BYTES])
def test_a_content_comes_back_as_it_was(size: int) -> None:
    content = os.urandom(size)
    file = sealed(content)
    assert b"".join(unseal(file, KEY)) == content
    assert size < 16 or content[:16] not in file.getvalue()


def test_the_same_content_never_looks_the_same_twice() -> None:
    assert sealed(b"same").getvalue() != sealed(b"same").getvalue()


def test_another_key_opens_nothing() -> None:
    with pytest.raises(ContentMissing):
        list(unseal(sealed(b"secret"), DocumentsKey(b"x" * 32)))


def test_a_single_changed_bit_is_noticed_wherever_it_is() -> None:
    whole = sealed(b"one", b"two").getvalue()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        with pytest.raises(ContentMissing):
            list(unseal(io.BytesIO(bytes(damaged)), KEY))


def test_a_cut_file_is_noticed_even_between_two_frames() -> None:
    whole = sealed(b"one", b"two").getvalue()
    for length in range(len(whole)):
        with pytest.raises(ContentMissing):
            list(unseal(io.BytesIO(whole[:length]), KEY))


def test_writing_goes_on_where_it_ended() -> None:
    file = io.BytesIO()
    SealedWriter(file, KEY).write(b"first ")
    frames = count_frames(file)
    SealedWriter(file, KEY, frames).write(b"second")
    assert b"".join(unseal_unfinished(file, KEY)) == b"first second"
    assert count_frames(file) == 2


def test_a_key_of_the_wrong_length_or_none_is_told(tmp_path) -> None:
    (tmp_path / "short").write_text("c2hvcnQ=")
    for name in ("short", "none"):
        with pytest.raises(StoreNotConfigured):
            DocumentsKey.read(tmp_path / name)
    assert "kkk" not in repr(KEY)
