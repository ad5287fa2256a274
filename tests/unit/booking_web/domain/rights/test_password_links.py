# SPDX-License-Identifier: AGPL-3.0-or-later
"""One-time links: good once, for a while, for the password that they were made for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.rights.password_links import (
    GOOD_FOR,
    one_time_link,
    person_of_link,
    set_password,
)
from booking_web.domain.rights.web_sessions import open_web_session
from booking_web.tables.password_links import PasswordLink, Purpose
from booking_web.tables.web_sessions import WebSession
from provisioning.database.models import User

INVITATION, FORGOTTEN = Purpose.INVITATION, Purpose.FORGOTTEN


@pytest.fixture
def user(session) -> User:
    return session.get_one(User, 1)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_is_good_for_a_while(session, user, now, purpose) -> None:
    token = one_time_link(session, user, purpose, now)
    last = now + GOOD_FOR[purpose] - timedelta(seconds=1)
    assert person_of_link(session, token, last) is user
    assert person_of_link(session, token, last + timedelta(seconds=1)) is None
    assert person_of_link(session, token[:-1], now) is None
    assert person_of_link(session, "", now) is None


def test_who_reads_the_table_has_no_link(session, user, now) -> None:
    token = one_time_link(session, user, INVITATION, now)
    row = session.scalars(select(PasswordLink)).one()
    assert token not in (row.token_digest, row.replaces)
    assert person_of_link(session, row.token_digest, now) is None


def test_a_used_link_is_used_up_and_the_sign_ins_of_before_end(
    session, user, now
) -> None:
    open_web_session(session, user, now)
    other = session.get_one(User, 2)
    open_web_session(session, other, now)
    token = one_time_link(session, user, FORGOTTEN, now)
    invitation = one_time_link(session, user, INVITATION, now)
    set_password(session, user, "another hash")
    assert person_of_link(session, token, now) is None
    assert person_of_link(session, invitation, now) is None
    assert session.scalars(select(WebSession.user_id)).all() == [other.id]


def test_a_password_that_changed_in_any_other_way_ends_the_links(
    session, user, now
) -> None:
    token = one_time_link(session, user, FORGOTTEN, now)
    user.password = "rotated by the command line"
    assert person_of_link(session, token, now) is None


def test_a_closed_account_has_no_link(session, user, now) -> None:
    token = one_time_link(session, user, INVITATION, now)
    user.active = False
    assert person_of_link(session, token, now) is None


def test_a_new_link_replaces_those_of_its_purpose(session, user, now) -> None:
    first = one_time_link(session, user, INVITATION, now)
    forgotten = one_time_link(session, user, FORGOTTEN, now)
    of_another = one_time_link(session, session.get_one(User, 2), INVITATION, now)
    second = one_time_link(session, user, INVITATION, now)
    third = one_time_link(session, user, INVITATION, now, keeps_others=True)
    good = [
        token
        for token in (first, forgotten, of_another, second, third)
        if person_of_link(session, token, now) is not None
    ]
    assert good == [forgotten, of_another, second, third]


def test_old_links_go_with_the_next(session, user, now) -> None:
    one_time_link(session, user, FORGOTTEN, now)
    later = now + timedelta(days=1)
    one_time_link(session, session.get_one(User, 2), FORGOTTEN, later)
    assert session.scalars(select(PasswordLink.user_id)).all() == [2]
