# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opens the link of a softphone: a new secret is made, stored as digests, and given once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from provisioning.database.engine import Database
from provisioning.directory.credentials import SipSecret
from provisioning.directory.service import Directory, Outcome
from provisioning.directory.softphone_links import (
    KnownLink,
    LinkRefused,
    find_link,
    use_up,
)

# What is written in the same transaction.
Beside = Callable[[Session, KnownLink], None]


@dataclass(frozen=True)
class OpenedLink:
    """A link that was used up, and the secret that it gave, for this one answer."""

    link: KnownLink
    secret: SipSecret = field(repr=False)


def open_link(
    database: Database, token: str, now: datetime, beside: Beside | None = None
) -> OpenedLink:
    """Use the link up and give the counsellor's new secret; the old one ends at once.

    Raises LinkRefused, and changes nothing, where it is unknown or over: of two who open it
    at once, one is refused.
    """
    with database.read() as session:
        link = find_link(session, token, now)
    if link is None or link.is_over:
        raise LinkRefused(is_known=link is not None)

    def end(session: Session, _outcome: Outcome) -> None:
        use_up(session, link, now)
        if beside is not None:
            beside(session, link)

    outcome = Directory(database).rotate(link.counsellor, _keep, alongside=end)
    [secret] = outcome.sip_secrets
    return OpenedLink(link, secret)


def _keep(_outcome: Outcome) -> None:
    """Deliver nothing: the answer holds what is new, once."""
