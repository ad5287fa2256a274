# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a browser has between the password and the code: the key of a half sign-in.

The key is in the session's cookie alone, which is signed and which no script reads: nothing
in an address or a form stands for it.
"""

from flask import session

from booking_web.base.transactions import in_transaction
from booking_web.domain.rights.half_sign_ins import begin_half, person_of_half
from booking_web.shell.services import services
from provisioning.database.models import User

_KEY = "half_sign_in"


def begin(user: User, sealed_voucher: str | None = None) -> None:
    """Note in this browser that this person has given the right password.

    `sealed_voucher` is what an identity provider said instead.
    """
    now = services().now()
    session[_KEY] = in_transaction(
        services().database,
        lambda writing: begin_half(
            writing, writing.get_one(User, user.id), now, sealed_voucher
        ),
    )


def half_key() -> str:
    """Give the key; empty where this browser has none."""
    key = session.get(_KEY, "")
    return key if isinstance(key, str) else ""


def person_half_way() -> User | None:
    """Give who owes the code in this browser; None where nobody does, or no more."""
    key = half_key()
    if not key:
        return None
    with services().database.read() as reading:
        return person_of_half(reading, key, services().now())


def forget() -> None:
    """Have this browser know nothing of it any more."""
    session.pop(_KEY, None)
