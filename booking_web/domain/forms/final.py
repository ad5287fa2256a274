# SPDX-License-Identifier: AGPL-3.0-or-later
"""The PDF that is printed and kept: a form as it was drawn, without fields any more.

What the engine drew on the screen is what stands in it: the same program writes both.
An importer of pikepdf; run it in a process of its own: the form is a stranger's.
"""

import io
from collections.abc import Mapping
from typing import BinaryIO

import pikepdf

from booking_web.domain.forms.description import FormDescription
from booking_web.domain.forms.open_form import OpenForm
from booking_web.domain.forms.remarks import Remark

# What the fields leave behind, and what readers would make of it.
_LEFT = ("/AcroForm", "/Perms", "/NeedsRendering", "/Names")


def finish(
    content: bytes,
    description: FormDescription,
    values: Mapping[str, str],
    target: BinaryIO,
) -> dict[str, tuple[Remark, ...]]:
    """Write the final PDF to `target`; give what must be said of it, by field."""
    form = OpenForm(content, description)
    try:
        form.apply(values)
        remarks = {each.key: form.remarks(each.key) for each in description.fields}
        filled = form.saved()
    finally:
        form.close()
    with pikepdf.open(io.BytesIO(filled)) as pdf:
        pdf.flatten_annotations("all")
        _take_out_fields(pdf)
        for key in _LEFT:
            if key in pdf.Root:
                del pdf.Root[key]
        pdf.remove_unreferenced_resources()
        pdf.save(target, linearize=False)
    return {key: told for key, told in remarks.items() if told}


def _take_out_fields(pdf: pikepdf.Pdf) -> None:
    """Take out the places that had no look, such as those of signatures."""
    for page in pdf.pages:
        annotations = page.obj.get("/Annots")
        if isinstance(annotations, pikepdf.Array):
            kept = [
                each
                for each in annotations
                if isinstance(each, pikepdf.Dictionary)
                and str(each.get("/Subtype")) != "/Widget"
            ]
            page.obj["/Annots"] = pikepdf.Array(kept)
