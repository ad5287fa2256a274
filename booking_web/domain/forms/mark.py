# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a printed page says of itself: which page it is, of what, sealed with our key.

The seal is an HMAC (RFC 2104, SHA-256): a page that somebody else printed is not taken for
ours. Where the mark stands on the page is the matter of `white_margin`.
"""

import base64
import hmac
import struct
from dataclasses import dataclass
from hashlib import sha256

# Appointment, draft, edition, page, pages; then the beginnings of the PDF's hash and of the seal.
_NUMBERS = struct.Struct(">BIIIBB")
_KIND = 0x47
HASH_BYTES = 4
SEAL_BYTES = 6
SEALED_BYTES = _NUMBERS.size + HASH_BYTES + SEAL_BYTES
_PURPOSE = b"guichet printed page 1\0"


class NotOurs(ValueError):
    """The bytes look like a mark, but no key of ours sealed them."""


@dataclass(frozen=True)
class Printing:
    """One printing of one draft; `digest` is the hash of the unsigned PDF, its beginning."""

    appointment: int
    draft: int
    edition: int
    pages: int
    digest: bytes

    @classmethod
    def of(
        cls, pdf: bytes, *, appointment: int, draft: int, edition: int, pages: int
    ) -> "Printing":
        """Give the printing of an unsigned PDF."""
        digest = sha256(pdf).digest()[:HASH_BYTES]
        return cls(appointment, draft, edition, pages, digest)


@dataclass(frozen=True)
class Mark:
    """The mark of one page, counted from 1."""

    printing: Printing
    page: int

    @property
    def readable(self) -> tuple[str, str]:
        """Give two short lines that people can tell each other on the telephone."""
        short = base64.b32encode(self.printing.digest).decode()[:4]
        return (
            f"{self.printing.appointment}-{self.printing.draft}",
            f"{self.page}/{self.printing.pages} {short}",
        )


def sealed(mark: Mark, key: bytes) -> bytes:
    """Give the bytes that are printed; raises ValueError where a number is too large."""
    printing = mark.printing
    if not 1 <= mark.page <= printing.pages:
        raise ValueError("there is no such page")
    try:
        numbers = _NUMBERS.pack(
            _KIND,
            printing.appointment,
            printing.draft,
            printing.edition,
            mark.page,
            printing.pages,
        )
    except struct.error as error:
        raise ValueError("a number is too large for a mark") from error
    plain = numbers + printing.digest
    return plain + _seal(plain, key)


def looks_like_a_mark(content: bytes) -> bool:
    """Tell whether bytes have a mark's form, whoever made them."""
    return len(content) == SEALED_BYTES and content[0] == _KIND


def opened(content: bytes, key: bytes) -> Mark:
    """Give the mark that was printed; raises NotOurs."""
    plain, seal = content[:-SEAL_BYTES], content[-SEAL_BYTES:]
    if not looks_like_a_mark(content) or not hmac.compare_digest(
        seal, _seal(plain, key)
    ):
        raise NotOurs("the seal is not ours")
    _, appointment, draft, edition, page, pages = _NUMBERS.unpack_from(plain)
    digest = plain[_NUMBERS.size :]
    return Mark(Printing(appointment, draft, edition, pages, digest), page)


def _seal(plain: bytes, key: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + plain, "sha256")[:SEAL_BYTES]
