# SPDX-License-Identifier: AGPL-3.0-or-later
"""Encrypted files: AES-256-GCM in frames, so that neither side needs the whole in memory.

Layout: 8 bytes of magic, a 16-byte salt, then frames of
`length (4 bytes, big endian) | nonce (12) | ciphertext and tag`. Each file has its own key,
derived from the site's key and the salt. A frame's number and whether it is the last are
authenticated: frames can be neither moved, nor dropped, nor cut off at the end.
"""

import base64
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from booking_web.domain.documents.errors import ContentMissing, StoreNotConfigured

MAGIC = b"GUICHET1"
SALT_BYTES = 16
HEADER_BYTES = len(MAGIC) + SALT_BYTES
NONCE_BYTES = 12
TAG_BYTES = 16
FRAME_BYTES = 64 * 1024
KEY_BYTES = 32
_LENGTH = struct.Struct(">I")
_PURPOSE = b"guichet-virtuel document file"


class DocumentsKey:
    """The site's key. It has no representation, so that no log can hold it."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise StoreNotConfigured("the key of the documents has not 32 bytes")
        self._key = key

    @classmethod
    def read(cls, file: Path) -> "DocumentsKey":
        """Read what `guichet-provision site` wrote; raises StoreNotConfigured."""
        try:
            return cls(base64.urlsafe_b64decode(file.read_bytes().strip()))
        except (OSError, ValueError) as error:
            raise StoreNotConfigured(
                f"the key of the documents cannot be read: {type(error).__name__}"
            ) from error

    def cipher(self, salt: bytes) -> AESGCM:
        """Give the cipher of one file."""
        derived = HKDF(SHA256(), KEY_BYTES, salt, _PURPOSE).derive(self._key)
        return AESGCM(derived)

    def derived(self, purpose: bytes) -> bytes:
        """Give a key for another purpose, from which this one cannot be found."""
        return HKDF(SHA256(), KEY_BYTES, None, purpose).derive(self._key)

    def __repr__(self) -> str:
        return "DocumentsKey(...)"


class SealedWriter:
    """Writes frames at the end of an open file, a new one or one left unfinished.

    `frames` is how many whole frames the file already holds.
    """

    def __init__(self, file: BinaryIO, key: DocumentsKey, frames: int = 0) -> None:
        self._file = file
        if frames == 0:
            salt = os.urandom(SALT_BYTES)
            file.seek(0)
            file.truncate()
            file.write(MAGIC + salt)
        else:
            salt = _read_header(file)
            file.seek(0, os.SEEK_END)
        self._cipher = key.cipher(salt)
        self._number = frames

    def write(self, data: bytes, *, is_last: bool = False) -> None:
        """Add a frame (at most FRAME_BYTES)."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(
            nonce, data, _authenticated(self._number, is_last)
        )
        self._file.write(_LENGTH.pack(len(data)) + nonce + sealed)
        self._number += 1


def unseal(file: BinaryIO, key: DocumentsKey) -> Iterator[bytes]:
    """Give the content piece by piece; raises ContentMissing where it was tampered with.

    The whole is known to be complete only at the end.
    """
    cipher = key.cipher(_read_header(file))
    number = 0
    frame = _read_frame(file)
    while frame is not None:
        following = _read_frame(file)
        nonce, sealed = frame
        try:
            yield cipher.decrypt(
                nonce, sealed, _authenticated(number, following is None)
            )
        except InvalidTag as error:
            raise ContentMissing("a file was changed or cut off") from error
        number += 1
        frame = following
    if number == 0:
        raise ContentMissing("a file holds nothing")


def unseal_unfinished(file: BinaryIO, key: DocumentsKey) -> Iterator[bytes]:
    """Give the content of a file whose last frame is still to come."""
    cipher = key.cipher(_read_header(file))
    number = 0
    while (frame := _read_frame(file)) is not None:
        nonce, sealed = frame
        try:
            yield cipher.decrypt(nonce, sealed, _authenticated(number, False))
        except InvalidTag as error:
            raise ContentMissing("a file was changed or cut off") from error
        number += 1


def count_frames(file: BinaryIO) -> int:
    """Count the frames of a file, reading only their lengths; leaves it at its end."""
    file.seek(HEADER_BYTES)
    count = 0
    while prefix := file.read(_LENGTH.size):
        file.seek(NONCE_BYTES + _LENGTH.unpack(prefix)[0] + TAG_BYTES, os.SEEK_CUR)
        count += 1
    return count


def _read_header(file: BinaryIO) -> bytes:
    file.seek(0)
    header = file.read(HEADER_BYTES)
    if len(header) != HEADER_BYTES or not header.startswith(MAGIC):
        raise ContentMissing("a file is not one of ours")
    return header[len(MAGIC) :]


def _read_frame(file: BinaryIO) -> tuple[bytes, bytes] | None:
    prefix = file.read(_LENGTH.size)
    if not prefix:
        return None
    if len(prefix) != _LENGTH.size:
        raise ContentMissing("a file was cut off")
    length = _LENGTH.unpack(prefix)[0]
    if length > FRAME_BYTES:
        raise ContentMissing("a file is not one of ours")
    nonce, sealed = file.read(NONCE_BYTES), file.read(length + TAG_BYTES)
    if len(nonce) + len(sealed) != NONCE_BYTES + length + TAG_BYTES:
        raise ContentMissing("a file was cut off")
    return nonce, sealed


def _authenticated(number: int, is_last: bool) -> bytes:
    return struct.pack(">QB", number, is_last)
