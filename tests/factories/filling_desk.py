# SPDX-License-Identifier: AGPL-3.0-or-later
"""A library of forms behind the one server, and what counsellors do on its filling page."""

import secrets
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from booking_web.base.clock import utc_now
from booking_web.domain.documents.archive import Archive
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.library import Library, Sent
from booking_web.tables.forms import Draft
from provisioning.database.engine import Database
from provisioning.database.models import Organisation, User
from stage.kiosk_ground import archive_of
from stage.waiting import wait_for
from tests.factories.drafts import edition_of
from tests.factories.forms_read import read_form

MSA = "conseiller@msa.example"
# Of another organisation, until a test has them work for the MSA.
COLLEAGUE = "conseiller@mission-locale-thierache.example"


class FormsAtDesk:
    """The drafts and the library of the server that a test looks at."""

    def __init__(self, database: Database, url: str, folder: Path) -> None:
        self.database = database
        self.archive: Archive = archive_of(database, url, folder)
        self.library = Library(database, self.archive.store, utc_now)
        self.drafts = Drafts(database, self.archive.store.key, utc_now)

    def take_in(self, pdf: bytes, title: str = "Demande", of: str = "msa") -> int:
        """Put a form into the library of an organisation; give its edition."""
        with self.database.read() as session:
            query = select(Organisation.id).where(Organisation.slug == of)
            sent = Sent(session.scalars(query).one(), "user:1", secrets.token_hex(8))
        form_id = self.library.take_in(sent, title, read_form(pdf))
        return edition_of(self.database, form_id)

    def begin(self, appointment: int, edition: int) -> int:
        """Begin a draft, which nobody holds."""
        draft_id = self.drafts.begin(edition, appointment, "user:1")
        self.drafts.let_go(draft_id, "user:1")
        return draft_id

    def have_colleague(self) -> None:
        """Have the other counsellor work for the MSA."""
        with self.database.write() as session:
            query = select(Organisation.id).where(Organisation.slug == "msa")
            session.execute(
                update(User)
                .where(User.email == COLLEAGUE)
                .values(organisation_id=session.scalars(query).one())
            )

    def withdraw(self, draft_id: int) -> None:
        """Withdraw the form of a draft from its library."""
        with self.database.read() as session:
            draft = session.get_one(Draft, draft_id)
            form_id, organisation_id = draft.edition.form_id, draft.organisation_id
        sent = Sent(organisation_id, "user:1", secrets.token_hex(8))
        self.library.withdraw(sent, form_id)

    def values(self, draft_id: int) -> dict[str, str]:
        """Give what is kept of a draft."""
        return dict(self.drafts.read(draft_id).values)


def open_draft(page: Page, appointment: int, draft_id: int) -> None:
    """Open the filling page and wait until it is live and drawn."""
    page.goto(f"/rendez-vous/{appointment}/brouillons/{draft_id}")
    expect(page.locator("#live-link")).to_contain_text("Mise à jour en direct")
    wait_for_picture(page)


def wait_for_picture(page: Page) -> None:
    """Wait until the first page's picture is there."""
    page.wait_for_function(
        "() => document.querySelector('.sheet-page img').naturalWidth > 0"
    )


def is_saved(page: Page) -> None:
    """Wait until nothing waits to be kept."""
    expect(page.locator("#saving")).to_contain_text("Tout est enregistré")


def wait_for_crop(page: Page, name: str) -> None:
    """Wait until a picture lies over the sheet where the field `name` stands."""
    wait_for(lambda: crop_at(page, name), f"a picture of {name}")


def crop_at(page: Page, name: str) -> str:
    """Give the picture that lies over the sheet where the field `name` stands."""
    return page.evaluate(
        """(name) => {
            const box = document.querySelector(`[name="${name}"]`).closest("[data-field]");
            const [, x, y] = box.dataset.places.split(";")[0].split(" ").map(Number);
            const near = [...document.querySelectorAll(".crop")].filter((each) =>
                Math.abs(parseFloat(each.style.left) - x) < 2 &&
                Math.abs(parseFloat(each.style.top) - y) < 2);
            return near.length ? near[0].src : "";
        }""",
        name,
    )
