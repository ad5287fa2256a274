# SPDX-License-Identifier: AGPL-3.0-or-later
"""How wide the letters of a form's own typeface are.

An importer of pikepdf; run it in a process of its own: the bytes are a stranger's.
"""

import io

import pikepdf

from booking_web.domain.forms.repertoire import LETTERS, RESOURCE


def letter_widths(content: bytes) -> dict[str, int]:
    """Give each letter's width in thousandths of its size; nothing where none is told."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        try:
            widths = list(pdf.Root.AcroForm.DR.Font[RESOURCE].Widths)
            return {letter: int(widths[code]) for code, letter in LETTERS.items()}
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            return {}
