# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks through a PDF and takes out of it what runs or carries something.

Run it in the examination's own process: the bytes are a stranger's.
"""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import pikepdf

from booking_web.domain.documents.errors import DocumentRefused, Refusal

MEGABYTE = 1024 * 1024
# An A4 page in colour at 600 dpi is 104 MB; more than that on each page is no form.
UNPACKED_PER_PAGE = 128 * MEGABYTE
UNPACKED_AT_MOST = 1536 * MEGABYTE
PIECE = 256 * 1024
# How often a stream may be packed into itself; no program does it more than once.
MAX_LAYERS = 4
# Keys that run something, wherever they stand, and actions that do more than turn pages.
ACTIVE_KEYS = ("/AA", "/JS")
ACTIVE_ACTIONS = frozenset(
    {
        *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition"),
        *("/Movie", "/Sound", "/GoToR", "/GoToE", "/RichMediaExecute"),
    }
)
CARRYING_ANNOTATIONS = frozenset(
    {"/FileAttachment", "/Movie", "/Screen", "/RichMedia", "/Sound", "/3D"}
)
# What a PDF ends with, and what else than the end of one stands behind that (ISO 32000-1, 7.5).
_END, _OBJECT = b"startxref", re.compile(rb"\b\d+ \d+ obj\b")
NAMED_TREES = ("/JavaScript", "/EmbeddedFiles", "/Renditions")


def sanitise(source: BinaryIO, target: BinaryIO, max_pages: int) -> int:
    """Write a harmless PDF to `target` and give its number of pages.

    A PDF that is harmless already is copied byte by byte, so that a signature in it
    stays valid and a scan keeps its hash. One that everybody may open, and only its author
    change, comes out without that protection: printers ask for a password. Raises
    DocumentRefused.
    """
    if is_cut_off(source):
        raise DocumentRefused(Refusal.CUT_OFF)
    try:
        with pikepdf.open(source) as pdf:
            pages = _check(pdf, max_pages)
            if take_out_what_runs(pdf) or pdf.is_encrypted:
                pdf.save(target, linearize=False)
            else:
                _copy(source, target)
            return pages
    except pikepdf.PasswordError as error:
        raise DocumentRefused(Refusal.ENCRYPTED) from error
    except MemoryError as error:
        raise DocumentRefused(Refusal.BOMB) from error
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError) as error:
        raise DocumentRefused(Refusal.DAMAGED) from error


def is_cut_off(source: BinaryIO) -> bool:
    """Tell whether a PDF has no end, as a download that broke off; `source` is set back.

    Libraries repair such a one: fields on blank pages come of it.
    """
    source.seek(0)
    content = source.read()
    source.seek(0)
    end = content.rfind(_END)
    return end < 0 or bool(_OBJECT.search(content, end))


def _check(pdf: pikepdf.Pdf, max_pages: int) -> int:
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary) and "/XFA" in form:
        raise DocumentRefused(Refusal.XFA)
    pages = len(pdf.pages)
    if pages > max_pages:
        raise DocumentRefused(Refusal.TOO_MANY_PAGES)
    if pages == 0:
        raise DocumentRefused(Refusal.DAMAGED)
    check_unpacked_size(pdf, pages)
    return pages


def check_unpacked_size(pdf: pikepdf.Pdf, pages: int) -> None:
    """Raise DocumentRefused where a PDF of so many pages unpacks to far too much."""
    left = min(UNPACKED_AT_MOST, UNPACKED_PER_PAGE * pages)
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream):
            left -= _unpacked_bytes(item, left)
            if left < 0:
                raise DocumentRefused(Refusal.BOMB)


def _unpacked_bytes(stream: pikepdf.Stream, limit: int) -> int:
    """Tell how long a stream is once unpacked, without ever holding it whole.

    Counting ends above `limit`.
    """
    filters = stream.get("/Filter")
    if filters is None:
        names = []
    elif isinstance(filters, pikepdf.Array):
        names = [str(each) for each in filters]
    else:
        names = [str(filters)]
    if stream.get("/Subtype") == "/Image":
        # What a printer unpacks of JPEG, fax and the like is told by its measures.
        measured = int(stream.get("/Width", 0)) * int(stream.get("/Height", 0))
        if measured > limit:
            return measured
    layers = 0
    while layers < len(names) and names[layers] in ("/FlateDecode", "/Fl"):
        layers += 1
    if layers == 0:
        return 0
    if layers > MAX_LAYERS:
        raise DocumentRefused(Refusal.BOMB)
    unpacked = _Unpacked(limit)
    for _ in _inflated(bytes(stream.read_raw_bytes()), layers, unpacked):
        if unpacked.is_too_much:
            break
    return unpacked.count


class _Unpacked:
    """Counts the bytes of every layer: one in between may be the huge one."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.count = 0

    @property
    def is_too_much(self) -> bool:
        """Tell whether nothing more needs to be unpacked."""
        return self.count > self._limit


def _inflated(raw: bytes, layers: int, unpacked: _Unpacked) -> Iterator[bytes]:
    pieces: Iterator[bytes] = (raw[at : at + PIECE] for at in range(0, len(raw), PIECE))
    for _ in range(layers):
        pieces = _inflate(pieces, unpacked)
    return pieces


def _inflate(pieces: Iterator[bytes], unpacked: _Unpacked) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    try:
        for piece in pieces:
            while piece and not unpacked.is_too_much:
                data = inflater.decompress(piece, PIECE)
                unpacked.count += len(data)
                yield data
                piece = inflater.unconsumed_tail
    except zlib.error:
        # Readers repair or skip such a stream; what it unpacked to so far has counted.
        return


def take_out_what_runs(pdf: pikepdf.Pdf) -> bool:
    """Take out what runs or carries something; tell whether there was any."""
    root = pdf.Root
    changed = _delete(root, "/OpenAction", only_if_active=True)
    changed |= _delete(root, "/AF") | _delete(root, "/Collection")
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        for tree in NAMED_TREES:
            changed |= _delete(names, tree)
    for item in pdf.objects:
        if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            changed |= _clean_object(item)
    for page in pdf.pages:
        changed |= _clean_annotations(page.obj)
    return changed


def _clean_object(item: pikepdf.Object) -> bool:
    changed = False
    for key in ACTIVE_KEYS:
        changed |= _delete(item, key)
    for key in ("/A", "/Next"):
        changed |= _delete(item, key, only_if_active=True)
    if str(item.get("/S")) in ACTIVE_ACTIONS:
        # Whatever refers to this action now refers to one that does nothing.
        item["/S"] = pikepdf.Name("/Named")
        item["/N"] = pikepdf.Name("/GuichetNothing")
        changed = True
    if "/EF" in item:
        changed |= _delete(item, "/EF") | _delete(item, "/RF")
    return changed


def _clean_annotations(page: pikepdf.Dictionary) -> bool:
    changed = _delete(page, "/AA")
    annotations = page.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return changed
    kept = []
    for annotation in annotations:
        if not isinstance(annotation, pikepdf.Dictionary):
            continue
        if str(annotation.get("/Subtype")) in CARRYING_ANNOTATIONS:
            changed = True
            continue
        changed |= _clean_object(annotation)
        kept.append(annotation)
    if len(kept) != len(annotations):
        page["/Annots"] = pikepdf.Array(kept)
        changed = True
    return changed


def _delete(item: pikepdf.Object, key: str, *, only_if_active: bool = False) -> bool:
    if key not in item or (only_if_active and not _is_active(item[key])):
        return False
    del item[key]
    return True


def _is_active(action: object) -> bool:
    """Tell whether an action does more than go to a page; a destination is an array."""
    if isinstance(action, pikepdf.Array):
        return any(_is_active(each) for each in action)
    return (
        isinstance(action, pikepdf.Dictionary)
        and str(action.get("/S")) in ACTIVE_ACTIONS
    )


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    source.seek(0)
    while data := source.read(MEGABYTE):
        target.write(data)
