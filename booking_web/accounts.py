# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sign-in: Flask-Security on the directory's users, with limits on guessing."""

from datetime import timedelta
from functools import cache
from typing import Any, cast

from flask import Flask, request, session
from flask_login import user_logged_in
from flask_security import Security
from flask_security.datastore import UserDatastore
from sqlalchemy import Select, Table, bindparam, func, select
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from booking_web.failure_limits import FailureLimit, address, limit_failures
from provisioning.database import Database
from provisioning.models import Organisation, Role, User

SESSION_LIFETIME = timedelta(hours=12)
# Only failures count. A whole town hall may share one address; an account is one person.
FAILURES_PER_ADDRESS = "30 per 5 minutes"
FAILURES_PER_ACCOUNT = "10 per 5 minutes"


class DirectoryUsers(UserDatastore):
    """Finds the users of the directory; accounts are made by provisioning alone."""

    def __init__(self, database: Database) -> None:
        super().__init__(User, Role)
        self._database = database

    def find_user(self, case_insensitive: bool = False, **criteria: Any) -> User | None:
        """Give the one user with this attribute, the organisation loaded."""
        [(name, value)] = criteria.items()
        wanted = str(value).lower() if case_insensitive else value
        query = _user_with(name, case_insensitive)
        with self._database.read() as database_session:
            row = database_session.execute(query, {"wanted": wanted}).one_or_none()
            if row is None:
                return None
            organisation = None
            if row.organisation_id is not None:
                organisation = database_session.get(Organisation, row.organisation_id)
        user = User(**row._mapping)
        make_transient_to_detached(user)
        set_committed_value(user, "organisation", organisation)
        return user

    def find_role(self, role: str) -> Role | None:
        """Give the role of this name."""
        return Role(role)

    def put(self, model: User) -> User:
        """Store a password that sign-in hashed again with newer parameters."""
        with self._database.write() as database_session:
            return database_session.merge(model)

    def commit(self) -> None:
        """Do nothing: `put` has committed."""


@cache
def _user_with(attribute: str, case_insensitive: bool) -> Select[Any]:
    # Asked with each request: to build the question, and to have the ORM read the answer,
    # takes longer than to answer it.
    table = cast(Table, User.__table__)
    column = table.c[attribute]
    wanted = bindparam("wanted", type_=column.type)
    return select(table).where(
        func.lower(column) == wanted if case_insensitive else column == wanted
    )


def set_up_accounts(app: Flask, database: Database) -> None:
    """Give the application its sign-in and sign-out."""
    app.config.update(
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        SECURITY_LOGIN_URL="/connexion",
        SECURITY_LOGOUT_URL="/deconnexion",
        SECURITY_LOGOUT_CSRF=True,
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/connexion",
        SECURITY_LOGIN_USER_TEMPLATE="sign_in.html",
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        # Provisioning hashes with argon2-cffi directly: no HMAC with a salt before it.
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_SALT="unused-with-single-hash",
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_API_ENABLED_METHODS=["session"],
        # The address is checked when the account is made; here it is only looked up.
        SECURITY_EMAIL_VALIDATOR_ARGS={
            "check_deliverability": False,
            "test_environment": True,
        },
    )
    Security(app, DirectoryUsers(database), register_blueprint=True)
    user_logged_in.connect(_start_session, app)
    limit_failures(
        app,
        database,
        "security.login",
        [
            FailureLimit(FAILURES_PER_ADDRESS, address),
            FailureLimit(FAILURES_PER_ACCOUNT, _account),
        ],
        has_failed=lambda response: response.status_code != 302,
        methods=["POST"],
    )


def _start_session(_app: Flask, **_extra: Any) -> None:
    session.permanent = True


def _account() -> str:
    return "account:" + request.form.get("email", "").strip().lower()[:254]
