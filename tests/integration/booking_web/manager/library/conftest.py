# SPDX-License-Identifier: AGPL-3.0-or-later
"""A manager at the pages of the library of forms, without JavaScript."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from booking_web.domain.forms.library_reading import Edition, list_forms, read_form
from provisioning.database.models import Organisation
from stage.kiosk_ground import documents_settings
from tests.factories import pdf_forms
from tests.integration.booking_web.conftest import Desk
from tests.integration.booking_web.manager.library.page_forms import sent_form

MANAGER = "responsable@msa.example"
PAGE = "/organisme/formulaires"


class LibraryDesk:
    """A manager; each form is sent as the page has it, with what is typed into it."""

    def __init__(self, client: FlaskClient, database, organisation_id: int) -> None:
        self.client = client
        self.database = database
        self.organisation_id = organisation_id

    def read(self, address: str = "") -> str:
        """Give a page of the library."""
        answer = self.client.get(f"{PAGE}{address}")
        assert answer.status_code == 200, answer.status
        return answer.text

    def form(self, address: str, action: str = "") -> MultiDict:
        """Give what a form of the page would send untouched, in its order."""
        return sent_form(self.read(address), f"{PAGE}{action}" if action else "")

    def send(self, address: str, form: MultiDict, **typed: object) -> TestResponse:
        """Send a form, with what is typed."""
        for name, value in typed.items():
            form[name] = value
        return self.client.post(f"{PAGE}{address}", data=form)

    def upload(
        self, content: bytes, title: str = "", address: str = "/ajouter"
    ) -> TestResponse:
        """Send a file by the page's form."""
        form = self.form(address, address)
        form["title"] = title
        form["file"] = (io.BytesIO(content), "un_formulaire.pdf")
        return self.client.post(
            f"{PAGE}{address}", data=form, content_type="multipart/form-data"
        )

    def forms(self) -> list[str]:
        """Give the titles in the library, withdrawn ones included."""
        with self.database.read() as session:
            found = list_forms(session, self.organisation_id, with_withdrawn=True)
        return [each.title for each in found]

    def edition(self, form_id: int = 1) -> Edition:
        """Give the newest edition of a form."""
        with self.database.read() as session:
            return read_form(session, self.organisation_id, form_id)


@pytest.fixture
def library_app(new_app: Callable[..., Flask], ground, tmp_path: Path) -> Flask:
    """Give an application that keeps documents."""
    return new_app(ground, **documents_settings(tmp_path))


@pytest.fixture
def manager(library_app: Flask, ground, database) -> LibraryDesk:
    """Give the manager of the MSA."""
    client = library_app.test_client()
    assert Desk(client, ground.passwords).sign_in(MANAGER).status_code == 302
    with database.read() as session:
        query = select(Organisation.id).where(Organisation.slug == "msa")
        return LibraryDesk(client, database, session.scalars(query).one())


@pytest.fixture
def filled(manager: LibraryDesk) -> LibraryDesk:
    """Give the manager, with a form that has fields and one that is flat."""
    home = pdf_forms.request_for_a_home().saved()
    assert manager.upload(home, "Domiciliation").status_code == 303
    assert manager.upload(pdf_forms.flat().saved(), "Demande").status_code == 303
    return manager
