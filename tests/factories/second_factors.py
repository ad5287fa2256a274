# SPDX-License-Identifier: AGPL-3.0-or-later
"""People with a second factor: their telephone, their sheet, and their way through the pages."""

import html
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking_web.domain.rights.one_time_codes import new_secret
from booking_web.domain.rights.recovery_codes import hashes_of, new_codes
from booking_web.domain.rights.second_factors import second_factor_seal, turn_on
from provisioning.database.engine import Database
from provisioning.database.models import User

PAGE = "/mon-compte/code"
STEP = "/connexion/code"


@dataclass(frozen=True)
class Telephone:
    """An authenticator with one secret."""

    secret: str

    def code(self, at: datetime) -> str:
        """Give the six digits that it shows then."""
        return pyotp.TOTP(self.secret).at(at)


@cache
def sheet() -> tuple[list[str], list[str]]:
    """Give ten recovery codes and their hashes, which take a second: once for all tests."""
    codes = new_codes()
    return codes, hashes_of(codes)


def with_telephone(
    database: Database, email: str, secret_key: str, now: datetime
) -> Telephone:
    """Give a telephone that this person has set up before."""
    secret = new_secret()
    sealed = second_factor_seal(secret_key).seal(secret)
    with database.write() as session:
        user_id = session.scalars(select(User.id).where(User.email == email)).one()
        assert turn_on(session, user_id, sealed, 0, sheet()[1], now)
    return Telephone(secret)


def read(answer: TestResponse) -> str:
    """Give the page as it is read."""
    return html.unescape(answer.text)


def telephone_of(page: TestResponse) -> Telephone:
    """Copy the key of the page by hand."""
    [key] = re.findall(r'id="key">([A-Z2-7 ]+)<', page.text)
    return Telephone(key.replace(" ", ""))


def values_of(page: TestResponse) -> dict[str, str]:
    """Give the hidden fields of a page."""
    pairs = re.findall(r'type="hidden" name="(\w+)"[^>]* value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in pairs}


def send(
    client: FlaskClient, address: str, page: str = "", **values: str
) -> TestResponse:
    """Send the form of a page, there or elsewhere; the answer is not followed."""
    hidden = values_of(client.get(page or address))
    return client.post(address, data=hidden | values)
