# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notes when a person signs in: who never did may not have had the invitation."""

from typing import Any

import structlog
from flask import Flask
from flask_login import user_logged_in
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from booking_web.shell.services import services
from provisioning.database.models import User

logger = structlog.get_logger(__name__)


def set_up_last_sign_in(app: Flask) -> None:
    """Have every sign-in noted."""
    user_logged_in.connect(_note, app)


def _note(_app: Flask, user: Any, **_extra: Any) -> None:
    try:
        with services().database.write() as session:
            session.execute(
                update(User)
                .where(User.id == user.id)
                .values(last_signed_in_at=services().now())
            )
    except OperationalError:
        # Nobody is kept out for it.
        logger.warning("time of a sign-in not noted")
