# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is given of a draft: as it is, as it was kept, or who fills it in instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from booking_web.domain.forms.errors import ValueRefusal


@dataclass(frozen=True)
class Saved:
    """The field is kept; `meanwhile` are the fields that changed since `revision` was seen.

    `replaced` is what the field itself held since then, where that is another text.
    """

    revision: int
    meanwhile: tuple[str, ...] = ()
    replaced: str = field(default="", repr=False)


@dataclass(frozen=True)
class SavedForm:
    """What could be kept of a whole form.

    `refused` are values that no draft keeps; `apart` the fields that were changed
    elsewhere since the form was shown: what was written there stays.
    """

    revision: int
    refused: Mapping[str, ValueRefusal] = field(default_factory=dict)
    apart: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """Another person fills it in; nothing was changed."""

    held_by: str
    since: datetime
    revision: int


@dataclass(frozen=True)
class OpenDraft:
    """A draft with what was filled in. Its representation tells none of it."""

    id: int
    edition_id: int
    appointment_id: int | None
    values: Mapping[str, str]
    revision: int
    current_field: str
    held_by: str
    held_since: datetime | None
    changed_at: datetime
    changed_by: str

    def __repr__(self) -> str:
        return f"OpenDraft({self.id}, revision {self.revision})"
