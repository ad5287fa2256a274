# SPDX-License-Identifier: AGPL-3.0-or-later
"""A last look at a PDF before it is printed; the only importer of pikepdf.

The server sanitises what it stores. The kiosk checks all the same: it prints for
whoever holds its token's server, and a printer's interpreter is no place to find out.
"""

from dataclasses import dataclass
from pathlib import Path

import pikepdf

from device_bridge.errors import BridgeError
from device_bridge.jobs.reasons import Reason

HEADER = b"%PDF-"
# Keys of the catalogue, its name tree and the pages that run or carry something.
ACTIVE_NAMES = ("/JavaScript", "/EmbeddedFiles")
ACTIVE_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition"}
)


class UnfitDocument(BridgeError):
    """The document must not be printed; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Limits:
    """What a kiosk prints at most."""

    max_bytes: int
    max_pages: int


def check_pdf(file: Path, limits: Limits) -> int:
    """Give the number of pages; raise UnfitDocument."""
    if file.stat().st_size > limits.max_bytes:
        raise UnfitDocument(Reason.DOCUMENT_TOO_LARGE)
    with file.open("rb") as opened:
        if not opened.read(len(HEADER)) == HEADER:
            raise UnfitDocument(Reason.DOCUMENT_NOT_PDF)
    try:
        with pikepdf.open(file) as pdf:
            return _check(pdf, limits)
    except pikepdf.PasswordError as error:
        raise UnfitDocument(Reason.DOCUMENT_ENCRYPTED) from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise UnfitDocument(Reason.DOCUMENT_DAMAGED) from error


def _check(pdf: pikepdf.Pdf, limits: Limits) -> int:
    if pdf.is_encrypted:
        raise UnfitDocument(Reason.DOCUMENT_ENCRYPTED)
    pages = len(pdf.pages)
    if pages == 0:
        raise UnfitDocument(Reason.DOCUMENT_DAMAGED)
    if pages > limits.max_pages:
        raise UnfitDocument(Reason.DOCUMENT_TOO_LONG)
    if _is_active(pdf):
        raise UnfitDocument(Reason.DOCUMENT_ACTIVE)
    return pages


def _is_active(pdf: pikepdf.Pdf) -> bool:
    root = pdf.Root
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and any(n in names for n in ACTIVE_NAMES):
        return True
    if "/AA" in root or _acts(root.get("/OpenAction")):
        return True
    for page in pdf.pages:
        if "/AA" in page.obj:
            return True
        annotations = page.obj.get("/Annots")
        if not isinstance(annotations, pikepdf.Array):
            continue
        for annotation in annotations:
            if isinstance(annotation, pikepdf.Dictionary) and _annotation_acts(
                annotation
            ):
                return True
    return False


def _annotation_acts(annotation: pikepdf.Dictionary) -> bool:
    is_file = annotation.get("/Subtype") == pikepdf.Name("/FileAttachment")
    return is_file or "/AA" in annotation or _acts(annotation.get("/A"))


def _acts(action: object) -> bool:
    """Tell whether an action does more than go to a page; a destination is an array."""
    return (
        isinstance(action, pikepdf.Dictionary)
        and str(action.get("/S")) in ACTIVE_ACTIONS
    )
