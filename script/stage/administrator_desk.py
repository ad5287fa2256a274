# SPDX-License-Identifier: AGPL-3.0-or-later
"""An administrator at the pages, without JavaScript, and what the pages wrote down."""

import html
import re

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from booking_web.tables.administration import DirectoryAct
from provisioning.database.engine import Database
from stage.html_forms import Form, forms_of

HOME = "/administration"


def read(answer: TestResponse) -> str:
    """Give the page as it is read."""
    return html.unescape(answer.text)


class AdministratorDesk:
    """Somebody at the administrator's pages, without JavaScript."""

    def __init__(self, app: Flask, passwords: dict[str, str], email: str) -> None:
        self.client = app.test_client()
        page = self.client.get("/connexion")
        [form] = [form for form in forms_of(page.text) if "password" in form.values]
        form.values |= {"email": email, "password": passwords[email]}
        assert self.client.post(form.action, data=form.values).status_code == 302

    def page(self, address: str) -> str:
        """Give the page as it is read."""
        answer = self.client.get(address, follow_redirects=True)
        assert answer.status_code == 200
        return read(answer)

    def form(self, address: str, action: str = "") -> Form:
        """Give the page's form that goes there; without an action, the entry's own."""
        found = [
            form
            for form in forms_of(self.client.get(address).text)
            if "submission" in form.values and form.action.endswith(action or "")
        ]
        return next(form for form in found if bool(form.action) == bool(action))

    def send(self, address: str, **values: str) -> TestResponse:
        """Fill in the entry's form and send it; follow where it leads."""
        form = self.form(address)
        return self.post(address, form.values | values)

    def post(
        self, address: str, values: dict[str, str] | MultiDict[str, str]
    ) -> TestResponse:
        """Send these values."""
        return self.client.post(address, data=values, follow_redirects=True)

    def press(self, address: str, act: str) -> TestResponse:
        """Press a button of the entry's page, and say yes where it asks."""
        form = self.form(address, act)
        answer = self.post(form.action, form.values)
        return self.agree(answer) if "Oui, continuer" in answer.text else answer

    def agree(self, answer: TestResponse) -> TestResponse:
        """Say yes to the question."""
        [form] = [each for each in forms_of(answer.text) if "confirme" in each.values]
        return self.post(answer.request.path, form.values)


def acts(database: Database) -> list[tuple[str, str, str]]:
    """Give what was written down, in order."""
    with database.read() as session:
        rows = session.scalars(select(DirectoryAct).order_by(DirectoryAct.id))
        return [(row.act, row.kind, row.key) for row in rows]


def secrets_of(page: str) -> dict[str, str]:
    """Read a sheet that is shown once."""
    pairs = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page)
    return dict(pairs)
