# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads every row that is held about a resident, as plain values by table and column.

Employees are told by their office, places by their name; what is sealed is opened.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from sqlalchemy import Table, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.documents.sealed_file import DocumentsKey
from booking_web.domain.held.opening import SEALED, Opener
from booking_web.domain.held.parts import ACTORS, LEFT_OUT, PARTS, STAFF, Part
from booking_web.domain.journal.searching import resident_and_doubles
from booking_web.tables.clients import ApiClient
from booking_web.tables.forms import Form, FormEdition
from booking_web.tables.states import ON_THE_LINE
from booking_web.tables.webhooks import Webhook
from provisioning.database.models import (
    Counter,
    Kiosk,
    Organisation,
    Relay,
    VisitReason,
)

Row = dict[str, Any]
Names = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True)
class Held:
    """All of it; `tables` has a list of rows for each table, empty ones too."""

    resident_id: int
    tables: Mapping[str, list[Row]]
    # What is kept and could not be opened: the key or the content is not what it was.
    unreadable: Sequence[str]

    @property
    def is_in_call(self) -> bool:
        """Tell whether a call goes on: what is said and scanned in it comes later."""
        return any(each["state"] in ON_THE_LINE for each in self.tables["appointment"])

    @property
    def scans_on_their_way(self) -> int:
        """Count the scans that a kiosk is still sending."""
        uploads = self.tables["scan_upload"]
        return sum(each["document_id"] is None for each in uploads)


def collect(
    session: Session,
    resident_id: int,
    key: DocumentsKey | None,
    office: Callable[[str], str],
) -> Held:
    """Give everything; `office` says of which office an actor of the journal is."""
    numbers = resident_and_doubles(session, resident_id)
    ids: dict[str, list[Any]] = {"resident": list(numbers)}
    names, opener = _names(session), Opener(session, key)
    tables: dict[str, list[Row]] = {}
    for part in PARTS:
        rows = _rows(session, part, ids)
        ids[part.name] = [each.get("id") for each in rows]
        tables[part.name] = [
            _written(_table(part), opener.open(part.name, each), names, office)
            for each in rows
        ]
    return Held(resident_id, tables, opener.unreadable)


def _rows(session: Session, part: Part, ids: Mapping[str, list[Any]]) -> list[Row]:
    table = _table(part)
    leads = [table.c[name].in_(ids[of]) for name, of in part.by.items()]
    query = select(table).where(or_(*leads)).order_by(*table.primary_key.columns)
    return [dict(each) for each in session.execute(query).mappings()]


def _written(table: Table, row: Row, names: Names, office: Callable[[str], str]) -> Row:
    """Give a row without what is nobody's or an employee's, and with names for numbers."""
    written: Row = {}
    for name, value in row.items():
        leads_to = _leads_to(table, name)
        if {name, f"{table.name}.{name}"} & LEFT_OUT.keys() or leads_to & STAFF:
            continue
        if name in ACTORS:
            written[name] = office(value) if value else ""
        elif named := leads_to & names.keys():
            known = names[named.pop()]
            told = None if value is None else known.get(value, str(value))
            written[name.removesuffix("_id")] = told
        else:
            written[name] = str(value.value) if isinstance(value, Enum) else value
    return written


def _leads_to(table: Table, name: str) -> set[str]:
    if name in {beside for _, beside in SEALED.values()}:
        return set()
    return {each.column.table.name for each in table.c[name].foreign_keys}


def _names(session: Session) -> Names:
    """Give what is read instead of the number of a place, a subject, a form or a program."""
    editions = select(FormEdition.id, Form.title).join(
        Form, Form.id == FormEdition.form_id
    )
    programs = select(Webhook.id, ApiClient.name).join(
        ApiClient, ApiClient.id == Webhook.client_id
    )
    asked = {
        "relay": select(Relay.id, Relay.name),
        "organisation": select(Organisation.id, Organisation.name),
        "kiosk": select(Kiosk.id, Kiosk.slug),
        "counter": select(Counter.id, Counter.name),
        "visit_reason": select(VisitReason.id, VisitReason.name),
        "form_edition": editions,
        "webhook": programs,
    }
    return {
        table: {row[0]: row[1] for row in session.execute(query)}
        for table, query in asked.items()
    }


def _table(part: Part) -> Table:
    return cast(Table, part.table.__table__)
