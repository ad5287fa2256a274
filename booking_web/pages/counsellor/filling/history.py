# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which field of a draft was changed by whom, and when; never to what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template, url_for
from flask_babel import gettext

from booking_web.domain.forms.draft_rows import history
from booking_web.domain.forms.library_reading import read_edition
from booking_web.pages.counsellor.filling.blueprint import (
    blueprint,
    own_appointment,
    own_draft,
)
from booking_web.pages.counsellor.filling.fields import labels_of
from booking_web.pages.counsellor.filling.people import names_of
from booking_web.shell.services import services
from booking_web.tables.forms import DraftChange


@dataclass(frozen=True)
class FieldHistory:
    """How often a field was changed, by whom, and when last."""

    label: str
    changes: int
    people: str
    last_at: datetime


@blueprint.get("/<int:draft_id>/historique")
def show_history(appointment_id: int, draft_id: int) -> str:
    """Show it, the field that was changed last on top."""
    draft = own_draft(appointment_id, draft_id)
    with services().database.read() as session:
        appointment = own_appointment(session, appointment_id)
        zone = ZoneInfo(appointment.kiosk.relay.time_zone)
        edition = read_edition(session, draft.edition_id)
        changes = history(session, draft_id)
        names = names_of(session, (each.by for each in changes))
    labels = labels_of(edition.asked)
    return render_template(
        "counsellor/filling/history.html",
        lines=lines_of(changes, labels, names),
        form=edition.title,
        zone=zone,
        now=services().now(),
        back=url_for("filling.show", appointment_id=appointment_id, draft_id=draft_id),
        title=gettext("Historique du brouillon"),
    )


def lines_of(
    changes: Iterable[DraftChange], labels: Mapping[str, str], names: Mapping[str, str]
) -> list[FieldHistory]:
    """Give a line for each field that was changed, the last one first."""
    by_field: dict[str, list[DraftChange]] = {}
    for each in changes:
        by_field.setdefault(each.field, []).append(each)
    lines = [
        FieldHistory(
            labels.get(field, field),
            len(found),
            ", ".join(dict.fromkeys(names[each.by] for each in found)),
            found[-1].at,
        )
        for field, found in by_field.items()
    ]
    return sorted(lines, key=lambda line: line.last_at, reverse=True)
