# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sign-in: Flask-Security on the directory's users, with limits on guessing."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, cast

from flask import Flask, Response, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import user_logged_in
from flask_security import Security
from flask_security.datastore import UserDatastore
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import joinedload

# Its definition registers the storage scheme with `limits`.
from booking_web.rate_limits import DatabaseStorage
from provisioning.database import Database
from provisioning.models import Role, User

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
        """Give the one user with this attribute, relay and organisation loaded."""
        [(name, value)] = criteria.items()
        wanted = str(value).lower() if case_insensitive else value
        query = _user_with(name, case_insensitive)
        with self._database.read() as database_session:
            return database_session.scalar(query, {"wanted": wanted})

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
def _user_with(attribute: str, case_insensitive: bool) -> Select[User]:
    # Asked with each request: to build the question takes longer than to answer it.
    column = getattr(User, attribute)
    wanted = bindparam("wanted", type_=column.type)
    matches = func.lower(column) == wanted if case_insensitive else column == wanted
    return (
        select(User)
        .where(matches)
        .options(joinedload(User.relay), joinedload(User.organisation))
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
    _limit_guessing(app, database)


def _start_session(_app: Flask, **_extra: Any) -> None:
    session.permanent = True


def _limit_guessing(app: Flask, database: Database) -> None:
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=f"{DatabaseStorage.STORAGE_SCHEME[0]}://",
        storage_options=cast(dict[str, Any], {"database": database}),
        strategy="fixed-window",
        headers_enabled=False,
    )
    view: Callable[..., Any] = app.view_functions["security.login"]
    for limit, key in (
        (FAILURES_PER_ADDRESS, get_remote_address),
        (FAILURES_PER_ACCOUNT, _account),
    ):
        view = limiter.limit(
            limit, key_func=key, methods=["POST"], deduct_when=_has_failed
        )(view)
    app.view_functions["security.login"] = view


def _account() -> str:
    return "account:" + request.form.get("email", "").strip().lower()[:254]


def _has_failed(response: Response) -> bool:
    return response.status_code != 302
