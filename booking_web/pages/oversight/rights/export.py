# SPDX-License-Identifier: AGPL-3.0-or-later
"""Everything that is held about a resident, as one file that the officer hands over.

It holds a paper that a person reads, the same as data that a program reads, and the documents.
It is made while it is sent: the server keeps none.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Response, render_template
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from booking_web.base.languages import FRENCH
from booking_web.base.sms_spool import SmsSpool, SpoolUnreachable
from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.bundle import zipped
from booking_web.domain.documents.errors import ContentMissing, StoreUnavailable
from booking_web.domain.documents.sealed_file import DocumentsKey
from booking_web.domain.held.collecting import Held, collect
from booking_web.domain.journal.entries import write_down
from booking_web.domain.journal.searching import names_of_actors
from booking_web.domain.rights.person import Right
from booking_web.pages.oversight.rights.blueprint import asked_for, blueprint
from booking_web.pages.oversight.rights.paper import paper_page
from booking_web.shell.archive import archive
from booking_web.shell.paper_maker import paper_maker, paper_trouble
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.journal_acts import Act
from booking_web.telling.papers.paper_maker import PaperError
from booking_web.words.documents import trouble_sentence
from booking_web.words.journal import office_words
from provisioning.database.models import User

# Of the shape of the data: programs read it.
VERSION = 1
DATA, PAPER = "donnees.json", "mes-donnees.pdf"
# In points; large letters, on as many sheets as it takes.
SIZES = (12.0,)
SHEETS = 400


@dataclass(frozen=True)
class _File:
    """A document of the archive, and how the export calls it."""

    name: str
    sha256: str


@blueprint.get("/usagers/<int:resident_id>/donnees.zip")
def export(resident_id: int) -> Response | tuple[str, int]:
    """Give the file; that it was given is a line of the journal before its first byte is."""
    actor, now = signed_in(Right.RESIDENTS_RIGHTS).actor, services().now()
    try:
        with services().database.read() as session:
            resident = asked_for(session, resident_id)
            number = resident.id
            with force_locale(FRENCH):
                held = collect(session, number, _key(), _Offices(session).name)
                files, missing = _files(held)
                sms = _sms_files(held, missing)
                page = paper_page(session, resident, held, missing, sms, now)
        paper = paper_maker().make(page, SIZES, sheets=SHEETS).pdf
    except PaperError as error:
        return _not_made(paper_trouble(error))
    except StoreUnavailable as error:
        return _not_made(trouble_sentence(error))
    data = _data(held, missing, sms, now)

    def note(session: Session) -> None:
        detail = f"{len(files)} documents"
        act = Act.FILE_EXPORTED
        write_down(session, act, actor=actor, at=now, detail=detail, resident_id=number)

    in_transaction(services().database, note)
    entries: list[tuple[str, Iterable[bytes]]] = [(PAPER, [paper]), (DATA, [data])]
    kept = archive()
    entries += [(each.name, _read(kept, each)) for each in files]
    return Response(
        zipped((_entry(name, now), pieces) for name, pieces in entries),
        mimetype="application/zip",
        # Without a name: the file may stay on a shared computer.
        headers={"Content-Disposition": 'attachment; filename="donnees-usager.zip"'},
    )


class _Offices:
    """Says of which office an actor is; looks each one up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._users: dict[str, User] = {}
        self._known: set[str] = set()

    def name(self, actor: str) -> str:
        if actor not in self._known:
            self._known.add(actor)
            self._users |= names_of_actors(self._session, [actor])
        return office_words(actor, self._users)


def _key() -> DocumentsKey | None:
    return archive().store.key if archive().is_configured else None


def _files(held: Held) -> tuple[list[_File], list[str]]:
    """Give the documents that can be read, each named in its row, and those that are gone."""
    files, missing = [], []
    documents = {each["id"]: each for each in held.tables["document"]}
    wanted = [(each, each, "") for each in documents.values()]
    wanted += [
        (each, documents[each["document_id"]], "-original")
        for each in held.tables["document_original"]
    ]
    for row, document, which in wanted:
        row["file"] = None
        if document["removed_at"] is not None:
            continue
        where = f"documents/rendez-vous-{document['appointment_id']}"
        name = f"{where}/document-{document['number']:03d}{which}.pdf"
        try:
            archive().store.read(row["sha256"]).close()
        except ContentMissing:
            missing.append(name)
            continue
        row["file"] = name
        files.append(_File(name, row["sha256"]))
    return files, missing


def _sms_files(held: Held, missing: list[str]) -> dict[int, str]:
    """Give the SMS that wait in a file, by their message; note it where none can be read."""
    try:
        lying = SmsSpool.of(services().settings).waiting()
    except SpoolUnreachable:
        missing.append("sms")
        return {}
    theirs = {each["id"] for each in held.tables["message"]}
    return {number: text for number, text in lying.items() if number in theirs}


def _data(held: Held, missing: list[str], sms: dict[int, str], now: datetime) -> bytes:
    told = {
        "version": VERSION,
        "made_at": now,
        "resident": held.resident_id,
        "not_yet_in_it": {
            "a_call_goes_on": held.is_in_call,
            "scans_on_their_way": held.scans_on_their_way,
        },
        "unreadable": [*held.unreadable, *missing],
        # What a modem's program has not taken yet, by the number of the message.
        "sms_waiting_in_files": sms,
        "tables": held.tables,
    }
    written = json.dumps(told, ensure_ascii=False, indent=1, default=_plain)
    return written.encode(errors="replace")


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _read(kept: Archive, file: _File) -> Iterator[bytes]:
    # Asked for when the request is over: the application is not at hand any more.
    content = kept.store.read(file.sha256)
    try:
        yield from content
    finally:
        content.close()


def _entry(name: str, now: datetime) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, now.timetuple()[:6])


def _not_made(then: str) -> tuple[str, int]:
    page = render_template(
        "shell/error.html",
        title=gettext("Le fichier n'a pas été fait"),
        then=then,
        status=503,
    )
    return page, 503
