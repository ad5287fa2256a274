# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is led to the desk: counsellors whose telephone is a browser, and not from within it."""

from sqlalchemy.orm import Session

from booking_web.domain.rights.browser_telephones import (
    NoBrowserTelephone,
    TelephoneRevoked,
    own_browser_telephone,
)
from booking_web.domain.rights.person import Person, Right
from booking_web.shell.framed import is_framed


def leads_to_desk(session: Session, viewer: Person) -> bool:
    """Tell whether the page that is asked for shows the way to the desk."""
    # What a desk holds in its frame must not open a desk in a desk.
    if is_framed() or not viewer.may(Right.TELEPHONE):
        return False
    try:
        own_browser_telephone(session, viewer.user_id)
    except (NoBrowserTelephone, TelephoneRevoked):
        return False
    return True
