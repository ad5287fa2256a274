# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every route by every role, about what is theirs and what is not."""

import itertools
import re
import sqlite3
from collections import Counter
from contextlib import contextmanager

from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from booking_web.base import transactions
from booking_web.live_server.application import LiveApplication
from booking_web.shell.services import EXTENSION
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from provisioning.database.engine import Database
from tests.integration.booking_web.matrix.sides import SIDES, STREETS, WORDS
from tests.integration.booking_web.matrix.table import (
    CLIENT,
    CONSOLE,
    COUNSELLOR,
    DESK,
    FEEDS,
    IMPORTERS,
    LINES,
    MANAGER,
    NAMED,
    OFFICER,
    ROLES,
    SECRETARY,
    SIGNED_IN,
    WAYS,
    is_told,
    is_told_where_they_live,
)

AUTOMATIC = {"HEAD", "OPTIONS"}
# What a page that follows changes asks first, after who asks it.
LATEST = "max(live_event.id)"
SIGN_IN = re.compile(r"FROM (web_session|kiosk)\b")
# Whom a browser's own cookies let in, which another site's page may have it send.
BY_COOKIE = {*DESK, *CONSOLE, *IMPORTERS, *FEEDS, *SIGNED_IN, MANAGER}

# Some of the pages that tell of who is expected.
TELLING = {
    ("desk.show", SECRETARY),
    ("desk.changes", SECRETARY),
    ("residents.show", SECRETARY),
    ("console.show", COUNSELLOR),
    ("console.home_changes", COUNSELLOR),
    ("manager.show_appointments", MANAGER),
    ("booking_api.show_appointment", CLIENT),
}

# The officer alone reads whose file each act was on, at whatever relay.
JOURNAL = {
    *("journal.show", "journal.export"),
    *("journal.find_resident", "journal.show_account"),
    *("file_rights.find", "file_rights.show", "file_rights.export"),
    *("file_rights.ask_to_erase", "file_rights.erase"),
    *("file_rights.ask_to_correct", "file_rights.correct"),
    *("file_rights.find_loose", "file_rights.tie_loose"),
    *("file_rights.ask_to_restrict", "file_rights.restrict_resident"),
}

# All the pages that tell a postal address, and whom.
ADDRESSED = {
    (f"residents.{page}", role)
    for page in ("show", "find_double", "ask_to_merge")
    for role in DESK
} | {(f"file_rights.{page}", OFFICER) for page in ("export", "ask_to_correct")}


# What a document is named by in an address, and the pages where a field names it.
OF_DOCUMENTS = {"document", "scan", "printed", "returned"}
WITH_DOCUMENTS = {"console.choose_signed"}


def owners_of(way):
    """Give whose objects the way is tried with, one's own last."""
    return tuple(reversed(SIDES)) if way.of else ("own",)


def may(role, way, owner):
    """Tell whether this is the role's to do."""
    return role in way.who and way.is_theirs(role, owner)


def said(way, role, owner, answer) -> str:
    """Say a cell and what it answered, for who reads a failure."""
    cell = f"{way.method} {way.endpoint} by {role} about {owner}"
    return f"{cell}: {answer.status_code}"


def leaked(answer, way, role) -> list[str]:
    """Give of whom it tells this role, who must not hear of them: nobody, by another's page."""
    words = ((WORDS, is_told), (STREETS, is_told_where_they_live))
    return [
        side
        for words_of, may_be in words
        for side, word in words_of.items()
        if word.encode() in answer.data
        and (role not in way.who or not may_be(role, side))
    ]


def listing(cells) -> str:
    """Give one cell a line: pytest would cut a long list short."""
    return "\n" + "\n".join(cells)


def test_every_route_is_listed_once(world) -> None:
    routes = {
        (rule.endpoint, method)
        for rule in world.app.url_map.iter_rules()
        for method in rule.methods - AUTOMATIC
    }
    listed = Counter((way.endpoint, way.method) for way in WAYS)
    assert {way for way, times in listed.items() if times > 1} == set()
    assert routes - set(listed) == set(), "add these to the table of the matrix"
    assert set(listed) - routes == set(), "no such route any more"


def test_what_is_not_ones_own_is_refused_and_tells_and_changes_nothing(
    world, record_testsuite_property
) -> None:
    before = world.rows()
    wrong, leaks, cells = [], [], 0
    for way in WAYS:
        for owner in owners_of(way):
            for role in ROLES:
                if may(role, way, owner):
                    continue
                wanted = way.answers(role, owner)
                for form in way.forms:
                    cells += 1
                    answer = world.ask(role, way, owner, form)
                    cell = said(way, role, owner, answer)
                    if answer.status_code not in wanted:
                        wrong.append(f"{cell}, not {wanted}")
                    leaks += [
                        f"{cell} tells of {each}" for each in leaked(answer, way, role)
                    ]
                    answer.close()
    # For the bench's `access.cells`.
    record_testsuite_property("cells", cells)
    record_testsuite_property("leaks", len(leaks) + len(wrong))
    assert not wrong, listing(wrong)
    assert not leaks, listing(leaks)
    assert cells > 5000
    assert world.rows() == before


def test_no_refused_post_touches_the_cookie(world) -> None:
    """Another site's form changes nothing, signs nobody out and is not kept."""
    before = world.rows()
    wrong = []
    for way in WAYS:
        if way.method == "GET" or not way.has_token:
            continue
        for role in ROLES:
            answer = world.ask(role, way, "own", way.data, with_token=False)
            is_sent_away = way.is_gated and role not in way.who
            wanted = way.answers(role, "own") if is_sent_away else (400,)
            if answer.status_code not in wanted or "Set-Cookie" in answer.headers:
                wrong.append(said(way, role, "own", answer))
    assert not wrong, listing(wrong)
    assert world.rows() == before
    for way in WAYS:
        # What asks for no token is not opened by a session's cookie.
        if not way.has_token and way.method != "GET":
            assert not BY_COOKIE & set(way.who) or set(way.who) == set(ROLES), way


def test_a_line_is_opened_by_those_alone_who_have_a_page_for_it(world) -> None:
    """The engine's paths, and whose changes come through."""
    engine = LiveApplication(world.settings)
    assert set(engine.reader_at) == set(LINES)
    wrong = []
    for path, who in LINES.items():
        for role in ROLES:
            reader = engine.reader_at[path](world.cookies(role))
            heard = (
                tuple(reader.hears(world.change(side)) for side in SIDES)
                if reader
                else ()
            )
            wanted = tuple(is_told(role, side) for side in SIDES) if role in who else ()
            if heard != wanted:
                wrong.append(f"{path} by {role}: hears {heard}")
    engine.stop()
    assert not wrong, listing(wrong)


def test_what_is_asked_for_by_its_name_is_nobody_elses(world) -> None:
    wrong, leaks = [], []
    for way in NAMED:
        [role] = way.who
        answer = world.ask(role, way, "foreign", way.data)
        cell = said(way, role, "foreign", answer)
        if answer.status_code not in way.ok:
            wrong.append(cell)
        leaks += [f"{cell} tells of {each}" for each in leaked(answer, way, role)]
        answer.close()
    assert not wrong, listing(wrong)
    assert not leaks, listing(leaks)


def test_a_database_that_is_busy_is_said_and_never_an_unexpected_fault(
    world, monkeypatch
) -> None:
    @contextmanager
    def busy(_database):
        locked = sqlite3.OperationalError("database is locked")
        locked.sqlite_errorname = "SQLITE_BUSY"
        raise OperationalError("BEGIN IMMEDIATE", {}, locked)
        yield

    before = world.rows()
    monkeypatch.setattr(Database, "write", busy)
    monkeypatch.setattr(transactions, "LOCKED_ATTEMPTS", 1)
    wrong, told = [], 0
    for way in WAYS:
        for role in ROLES:
            # The others still need their session.
            if not may(role, way, "own") or way.endpoint == "accounts.sign_out":
                continue
            answer = world.ask(role, way, "own", way.data)
            told += answer.status_code == 503
            if answer.status_code == 500:
                wrong.append(said(way, role, "own", answer))
            answer.close()
    assert not wrong, listing(wrong)
    assert told > 30
    assert world.rows() == before


def test_a_live_page_notes_the_latest_change_before_it_reads_anything(world) -> None:
    """A change between the two would be neither on the page nor told to it."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_) -> None:
        statements.append(statement)

    engine = world.app.extensions[EXTENSION].database.engine
    event.listen(engine, "before_cursor_execute", note)
    wrong, live = [], 0
    for way in WAYS:
        role = next((each for each in ROLES if each in way.who), None)
        if way.method != "GET" or role is None:
            continue
        statements.clear()
        answer = world.ask(role, way, "own", way.data)
        if b"data-live-drawn" in answer.data:
            live += 1
            before = list(itertools.takewhile(lambda s: LATEST not in s, statements))
            if any(not SIGN_IN.search(each) for each in before):
                wrong.append(said(way, role, "own", answer))
        answer.close()
    event.remove(engine, "before_cursor_execute", note)
    assert not wrong, listing(wrong)
    assert live >= 10


def test_no_page_takes_the_name_by_which_it_was_asked_for_the_site_s(world) -> None:
    """Whoever asks writes it: a link that is handed on would lead to another site."""
    forged = "evil.example"
    for role, client in world.clients.items():
        for each in world.cookies(role).split("; "):
            name, _, value = each.partition("=")
            if name:
                path = "/borne" if name == "borne" else "/"
                client.set_cookie(name, value, domain=forged, path=path)
    wrong, shown = [], 0
    for way in WAYS:
        if way.method != "GET" or not way.who:
            continue
        role = way.who[-1] if way.who == ROLES else way.who[0]
        answer = world.ask(role, way, "own", way.data, host=forged)
        shown += answer.status_code == 200
        location = answer.location or ""
        if forged.encode() in answer.data or forged in location:
            wrong.append(said(way, role, "own", answer))
        answer.close()
    assert not wrong, listing(wrong)
    assert shown > 100


def test_what_another_organisation_kept_is_neither_read_nor_changed(world) -> None:
    """By no address and no field that names it: documents of an appointment handed over."""
    number = world.objects["own"]["appointment"]["appointment_id"]
    foreign = world.objects["foreign"]["appointment"]["appointment_id"]

    def keep(organisation_id) -> None:
        with world.database.write() as session:
            query = select(Document).where(Document.appointment_id == number)
            for document in session.scalars(query):
                document.kept_by_id = organisation_id

    with world.database.read() as session:
        keep(session.get_one(Appointment, foreign).organisation_id)
    before, shown = world.rows(), []
    naming = [
        way for way in WAYS if way.of in OF_DOCUMENTS or way.endpoint in WITH_DOCUMENTS
    ]
    for way, told in itertools.product(naming, ("1", "2", "3")):
        answer = world.ask(COUNSELLOR, way, "own", way.data | {"document": told})
        if answer.status_code == 200:
            shown.append(said(way, COUNSELLOR, "own", answer))
        answer.close()
    after = world.rows()
    keep(None)
    assert not shown, listing(shown)
    for table in ("document", "device_job", "mandate", "printed_form", "returned_page"):
        assert after[table] == before[table], table
    assert len(naming) > 20


def test_what_is_ones_own_is_done_and_shows_nobody_elses(world) -> None:
    """Comes last: it changes what the others look at."""
    wrong, leaks, telling, addressed = [], [], set(), set()
    for way in WAYS:
        for owner in owners_of(way):
            for role in ROLES:
                if not may(role, way, owner):
                    continue
                answer = world.ask(role, way, owner, way.data)
                cell = said(way, role, owner, answer)
                if answer.status_code not in way.answers(role, owner):
                    wrong.append(cell)
                if WORDS["own"].encode() in answer.data:
                    telling.add((way.endpoint, role))
                if STREETS["own"].encode() in answer.data:
                    addressed.add((way.endpoint, role))
                # The journal alone tells who keeps the site of residents.
                if way.endpoint not in JOURNAL:
                    leaks += [
                        f"{cell} tells of {each}" for each in leaked(answer, way, role)
                    ]
                answer.close()
    assert not wrong, listing(wrong)
    assert not leaks, listing(leaks)
    # The word that is looked for does stand on pages, or nothing above would mean much.
    assert TELLING <= telling
    assert addressed == ADDRESSED
