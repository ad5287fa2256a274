# SPDX-License-Identifier: AGPL-3.0-or-later
"""A French paper of one sheet, tagged for who listens to it, and its words."""

import io

import pikepdf
import pypdfium2


def text_of(content: bytes) -> str:
    """Give the words of a paper that is one tagged A4 sheet in French."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert "/StructTreeRoot" in pdf.Root and pdf.Root.Lang == "fr"
    with pypdfium2.PdfDocument(io.BytesIO(content)) as pdf:
        assert [round(each) for each in pdf[0].get_size()] == [595, 842]
        assert len(pdf) == 1
        return " ".join(pdf[0].get_textpage().get_text_range().split())
