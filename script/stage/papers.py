# SPDX-License-Identifier: AGPL-3.0-or-later
"""Papers for a story: a form as PDF, and what can be read on one."""

import hashlib
import io
from pathlib import Path

import pikepdf
import pypdfium2

A4_POINTS = (595, 842)


def form_pdf(*pages: str) -> bytes:
    """Give a PDF whose pages carry one line of text each."""
    with pikepdf.new() as pdf:
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
        for text in pages:
            page = pdf.add_blank_page(page_size=A4_POINTS)
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
            line = text.encode("cp1252")
            for mark in b"\\()":
                line = line.replace(bytes([mark]), b"\\" + bytes([mark]))
            content = b"BT /F1 20 Tf 72 720 Td (" + line + b") Tj ET"
            page.Contents = pdf.make_stream(content)
        kept = io.BytesIO()
        pdf.save(kept)
    return kept.getvalue()


def page_texts(pdf: bytes | Path) -> list[str]:
    """Give what can be read on each page."""
    texts = []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            text_page = page.get_textpage()
            texts.append(text_page.get_text_bounded().strip())
            text_page.close()
            page.close()
    return texts


def sha256_of(content: bytes) -> str:
    """Give the content's SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
