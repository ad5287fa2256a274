# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opens what is sealed in a row: what was filled into a form, what a CV says."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.cv.sealed_content import unseal_content
from booking_web.domain.documents.errors import ContentMissing
from booking_web.domain.documents.sealed_file import DocumentsKey
from booking_web.domain.forms.sealed_values import unseal_values
from booking_web.tables.forms import FormEdition

# A part of the export -> the sealed column, and under which name its content is given.
SEALED = {"draft": ("sealed_values", "values"), "cv": ("sealed_content", "content")}


class Opener:
    """Opens rows with the documents' key, and keeps which ones it could not open."""

    def __init__(self, session: Session, key: DocumentsKey | None) -> None:
        self._session = session
        self._key = key
        self.unreadable: list[str] = []

    def open(self, part: str, row: dict[str, Any]) -> dict[str, Any]:
        """Give the row with its content beside; None where it was erased, or is unreadable."""
        if part not in SEALED:
            return row
        column, beside = SEALED[part]
        content = None
        if row[column] is not None:
            try:
                content = self._content(part, row[column], row)
            except ContentMissing:
                self.unreadable.append(f"{part} {row['id']}")
        return row | {beside: content}

    def _content(self, part: str, sealed: bytes, row: Mapping[str, Any]) -> Any:
        if self._key is None:
            raise ContentMissing("the site has no key")
        if part == "cv":
            return unseal_content(sealed, self._key, row["id"]).fields()
        values = unseal_values(sealed, self._key, row["id"])
        labels = self._labels(row["edition_id"])
        return [
            {"field": key, "label": labels.get(key, key), "value": value}
            for key, value in values.items()
        ]

    def _labels(self, edition_id: int) -> dict[str, str]:
        query = select(FormEdition.asked).where(FormEdition.id == edition_id)
        asked = self._session.scalars(query).one()
        return {each["key"]: each["label"] for each in asked}
