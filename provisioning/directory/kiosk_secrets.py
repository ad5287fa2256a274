# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives a kiosk new secrets, at once or with a grace. Works in the caller's transaction.

With a grace the former secrets stay good beside the new ones, until the kiosk has shown a
new one or seven days have passed: a machine that was just told can die before it has
written anything down. Asterisk reads a former SIP secret as a second auth of the endpoint.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from provisioning.database.access import FormerSecret, former_auth_id
from provisioning.database.engine import SIGNING_KEY
from provisioning.database.models import Kiosk
from provisioning.database.realtime import PjsipAuth, PjsipEndpoint
from provisioning.directory.credentials import (
    SipSecret,
    new_sip_secret,
    sip_password_digest,
)
from provisioning.directory.digests import digest_of
from provisioning.directory.rows import auth_of
from provisioning.directory.screen_enrolment import (
    SCREEN_CODE_LASTS,
    open_screen_enrolment,
    shut_out_screen,
)

GRACE = timedelta(days=7)
# How long the telephone may still use its former secret once the new token was shown: it
# starts anew a little before or after the program that showed it.
TELEPHONE_GRACE = timedelta(minutes=10)


def replace_secrets(session: Session, kiosk: Kiosk, now: datetime) -> SipSecret:
    """Give new secrets; nothing that was known before opens anything any more."""
    secret = _new_secret(session, kiosk)
    store_alone(session, kiosk, secret, now)
    return secret


def store_alone(
    session: Session, kiosk: Kiosk, secret: SipSecret, now: datetime
) -> None:
    """Make a secret the only one of the kiosk; Asterisk's row is written by its maker."""
    end_former_secrets(session, [kiosk.id])
    shut_out_screen(session, kiosk.id)
    kiosk.rotation_wanted_at = None
    _store(session, kiosk, secret, now)


def rotate_secrets(session: Session, kiosk: Kiosk, now: datetime) -> SipSecret:
    """Give new secrets; the former ones, and the screen, stay for the grace.

    Asked again before the new ones were shown, it replaces these: those that the kiosk
    surely has are still the former ones.
    """
    former = session.get(FormerSecret, kiosk.id)
    if former is not None and former.token_digest is None:
        # The kiosk has shown what is now about to be the former secret.
        end_former_secrets(session, [kiosk.id])
        former = None
    if former is None:
        _keep_former(session, kiosk, now)
    secret = _new_secret(session, kiosk)
    _store(session, kiosk, secret, now)
    return secret


def kiosk_of_token(
    session: Session, token: str, now: datetime
) -> tuple[Kiosk, bool] | None:
    """Find the kiosk whose token this is, or was until a rotation whose grace lasts.

    Tells also whether it is a new token, shown while the former one is still good: see
    `note_new_token_shown`.
    """
    digest = digest_of(token)
    found = session.execute(
        select(Kiosk, FormerSecret.token_digest)
        .outerjoin(FormerSecret, FormerSecret.kiosk_id == Kiosk.id)
        .where(Kiosk.token_digest == digest)
    ).first()
    if found is not None:
        kiosk, former = found
        return kiosk, former is not None
    formerly = session.scalar(
        select(Kiosk)
        .join(FormerSecret, FormerSecret.kiosk_id == Kiosk.id)
        .where(FormerSecret.token_digest == digest, FormerSecret.ends_at > now)
    )
    return None if formerly is None else (formerly, False)


def digests_in_force(
    session: Session, kiosk_ids: Iterable[int], now: datetime
) -> set[str]:
    """Give the SHA-256 (hex) of every token that opens one of these kiosks now."""
    ids = list(kiosk_ids)
    if not ids:
        return set()
    own = select(Kiosk.token_digest).where(Kiosk.id.in_(ids))
    former = select(FormerSecret.token_digest).where(
        FormerSecret.kiosk_id.in_(ids),
        FormerSecret.token_digest.is_not(None),
        FormerSecret.ends_at > now,
    )
    return {str(each) for each in session.scalars(own.union_all(former))}


def note_new_token_shown(session: Session, kiosk_id: int, now: datetime) -> None:
    """End the former token: the kiosk has the new one. The telephone may need a moment."""
    session.get_one(Kiosk, kiosk_id).rotation_wanted_at = None
    former = session.get(FormerSecret, kiosk_id)
    if former is not None:
        former.token_digest = None
        former.ends_at = min(former.ends_at, now + TELEPHONE_GRACE)
        session.flush()


def former_secrets_over(session: Session, now: datetime) -> list[int]:
    """Give the kiosks whose grace has passed."""
    query = select(FormerSecret.kiosk_id).where(FormerSecret.ends_at <= now)
    return list(session.scalars(query))


def end_former_secrets(session: Session, kiosk_ids: list[int]) -> None:
    """Make the former secrets of these kiosks good for nothing."""
    for kiosk_id in kiosk_ids:
        row = session.get(PjsipAuth, former_auth_id(kiosk_id))
        if row is not None:
            endpoint = session.get(PjsipEndpoint, row.username)
            if endpoint is not None:
                endpoint.auth = row.username
            session.delete(row)
    session.flush()
    session.execute(delete(FormerSecret).where(FormerSecret.kiosk_id.in_(kiosk_ids)))


def _keep_former(session: Session, kiosk: Kiosk, now: datetime) -> None:
    auth = auth_of(session, kiosk.slug)
    session.add(
        FormerSecret(
            kiosk_id=kiosk.id,
            token_digest=kiosk.token_digest,
            rotated_at=now,
            ends_at=now + GRACE,
        )
    )
    name = former_auth_id(kiosk.id)
    session.add(
        PjsipAuth(
            id=name,
            auth_type=auth.auth_type,
            username=auth.username,
            realm=auth.realm,
            password_digest=auth.password_digest,
            supported_algorithms_uas=auth.supported_algorithms_uas,
            supported_algorithms_uac=auth.supported_algorithms_uac,
        )
    )
    session.flush()
    session.get_one(PjsipEndpoint, kiosk.slug).auth = f"{kiosk.slug},{name}"


def _new_secret(session: Session, kiosk: Kiosk) -> SipSecret:
    """Make a secret and write it into Asterisk's row."""
    auth, key = auth_of(session, kiosk.slug), session.info.get(SIGNING_KEY, "")
    secret = new_sip_secret(kiosk.slug, with_token=True, signing_key=key)
    auth.password_digest = sip_password_digest(secret, with_md5=False)
    return secret


def _store(session: Session, kiosk: Kiosk, secret: SipSecret, now: datetime) -> None:
    assert secret.token is not None and secret.screen_code is not None
    kiosk.token_digest = digest_of(secret.token)
    ends_at = now + SCREEN_CODE_LASTS
    open_screen_enrolment(session, kiosk.id, secret.screen_code, ends_at)
    session.flush()
