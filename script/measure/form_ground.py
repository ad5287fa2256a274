# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form of many fields in an appointment that is in call, behind the whole site."""

import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from weasyprint import HTML

from booking_web.base.clock import utc_now
from booking_web.base.own_process import memory_file
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.library import Library, Sent
from booking_web.domain.forms.library_reading import list_forms
from booking_web.domain.forms.reader import FormRead, FormReader
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment
from provisioning.database.engine import Database
from provisioning.database.models import User
from provisioning.database.schema import upgrade
from provisioning.directory.service import Directory
from stage.endpoint import BINARIES
from stage.kiosk_ground import archive_of, in_call
from stage.processes import run_once
from stage.site import Site
from stage.stack import INVENTORY
from stage.web_browser import WebBrowser

PAGES, FIELDS_A_PAGE = 3, 100
SECRET_KEY = "a secret of the bench alone"
KIOSK, ORGANISATION, RELAY = "kiosk-wassigny", "msa", "wassigny"
COUNSELLOR = "conseiller@msa.example"
STYLE = """
@page { size: A4; margin: 12mm }
section { break-after: page; columns: 3; font: 6pt sans-serif }
h1 { font-size: 12pt; column-span: all }
label { display: block; break-inside: avoid; margin-bottom: 0.6mm }
input { display: block; width: 55mm; height: 3.4mm; border: 0.2mm solid }
"""


@dataclass(frozen=True)
class FormGround:
    """Where the site serves, and what a counsellor needs to fill in the form."""

    site: Site
    database: Database
    appointment: int
    draft: int
    password: str
    form: FormRead

    @property
    def filling(self) -> str:
        """Give the address on which the draft is filled in."""
        return f"{self.site.url}/rendez-vous/{self.appointment}/brouillons/{self.draft}"

    def counsellors_cookies(self) -> list[dict[str, str]]:
        """Give what makes a browser that of the counsellor, who has signed in."""
        with WebBrowser(self.site.url) as browser:
            browser.sign_in(COUNSELLOR, self.password)
            return [
                {"name": each.name, "value": each.value or "", "url": self.site.url}
                for each in browser.session.cookies
            ]

    def screen_path(self) -> str:
        """Give the path that makes a browser the kiosk's second screen, once."""
        code = Directory(self.database).let_in_screen(KIOSK)
        return f"/borne/rattacher?code={code}"


def form_of_many_fields() -> FormRead:
    """Give a form of three hundred fields of text, each beside its words, on three pages."""
    page = "".join(
        f"<label>Réponse à la question {number + 1} <input name='{{page}}-{number}'></label>"
        for number in range(FIELDS_A_PAGE)
    )
    paper = "".join(
        f"<section><h1>Demande de prestation, page {number}</h1>"
        f"{page.format(page=number)}</section>"
        for number in range(1, PAGES + 1)
    )
    pdf = HTML(string=f"<style>{STYLE}</style>{paper}").write_pdf(pdf_forms=True)
    with memory_file("form", pdf) as file:
        return FormReader().read(file)


def counsellor_of(database: Database) -> str:
    """Give by what name the journal knows the counsellor."""
    with database.read() as session:
        query = select(User).where(User.email == COUNSELLOR)
        return Person.of(session.scalars(query).one()).actor


@contextmanager
def form_ground(folder: Path, form: Callable[[], FormRead]) -> Iterator[FormGround]:
    """Give the site running, the form in the library, the appointment in call."""
    url = f"sqlite:///{folder}/guichet.db"
    secrets = folder / "secrets"
    upgrade(url)
    run_once(
        [str(BINARIES / "guichet-provision"), "--database-url", url]
        + ["apply", str(INVENTORY), "--secrets-dir", str(secrets)]
        + ["--sip-server", "127.0.0.1"],
        directory=folder,
    )
    passwords = tomllib.loads((secrets / "accounts.toml").read_text())
    with ExitStack() as stack:
        database = Database(url)
        stack.callback(database.dispose)
        archive = archive_of(database, url, folder)
        appointment = in_call(database, RELAY, ORGANISATION)
        read = form()
        with database.read() as session:
            organisation = session.get_one(Appointment, appointment).organisation_id
        library = Library(database, archive.store, utc_now)
        library.take_in(Sent(organisation, "user:1", "bench"), "Demande", read)
        with database.read() as session:
            [form_kept] = list_forms(session, organisation)
        drafts = Drafts(database, archive.store.key, utc_now)
        actor = counsellor_of(database)
        draft = drafts.begin(form_kept.edition_id, appointment, actor)
        site = Site(url, folder, secret_key=SECRET_KEY)
        stack.callback(site.kill)
        site.start()
        password = passwords[COUNSELLOR]
        yield FormGround(site, database, appointment, draft, password, read)
