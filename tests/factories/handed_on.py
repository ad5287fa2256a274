# SPDX-License-Identifier: AGPL-3.0-or-later
"""Libraries of forms in one file, as they are handed on, and as nobody should."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from tests.factories import pdf_forms
from tests.factories.forms_read import read_form


def a_form_told(title: str = "Demande", file: str = "forms/1.pdf") -> dict[str, Any]:
    """Say what such a file says of the form of `a_pdf`."""
    description = read_form(a_pdf()).description
    asked = [
        {"key": each.key, "label": f"Dit : {each.key}"[:200], "group": "", "known": ""}
        for each in description.fields
    ]
    return {
        "title": title,
        "file": file,
        "description": description.to_json(),
        "asked": asked,
    }


def a_pdf() -> bytes:
    """Give a form with fields."""
    return pdf_forms.request_for_a_home().saved()


def zipped(files: Mapping[str, bytes], **contents: Any) -> bytes:
    """Pack files and, if there are contents, what is said of them."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        if contents:
            usual = {"format": "guichet-forms", "version": 1}
            archive.writestr("library.json", json.dumps(usual | contents))
    return target.getvalue()


def a_library(*titles: str) -> bytes:
    """Give a library of forms under these titles."""
    names = [f"forms/{number}.pdf" for number in range(1, len(titles) + 1)]
    told = [a_form_told(*each) for each in zip(titles, names)]
    return zipped(dict.fromkeys(names, a_pdf()), forms=told)
