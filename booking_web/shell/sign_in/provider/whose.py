# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose account it is whom the provider names."""

from typing import NamedTuple

from flask_babel import gettext

from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.provider_ties import refuse_another
from booking_web.domain.rights.account_names import account_named, as_looked_up
from booking_web.domain.rights.provider_ties import account_tied_to, tie_of
from booking_web.shell.services import services
from booking_web.shell.sign_in.provider.client import Vouched
from booking_web.shell.sign_in.provider.of_site import provider_name
from provisioning.database.models import User


class Refused(NamedTuple):
    """Why nobody is signed in: for the log, and for the person."""

    trouble: str
    sentence: str


def account_for(issuer: str, vouched: Vouched) -> User | Refused:
    """Give the account of this person; somebody else with its address is journalled."""
    with services().database.read() as reading:
        own = account_tied_to(reading, issuer, vouched.subject)
        named = account_named(reading, as_looked_up(vouched.email))
        is_anothers = (
            named is not None and tie_of(reading, named.id, issuer) is not None
        )
    if own is not None:
        return own if own.active else _closed()
    if named is None or not named.active:
        return _no_account(vouched.email)
    if is_anothers:
        in_transaction(
            services().database,
            lambda writing: refuse_another(writing, named, services().now()),
        )
        return _anothers(vouched.email)
    return named


def _closed() -> Refused:
    return Refused(
        "a closed account",
        gettext(
            "Votre compte est fermé. Demandez à l'administrateur de l'ouvrir à nouveau."
        ),
    )


def _no_account(email: str) -> Refused:
    return Refused(
        "no account for this person",
        gettext(
            "Aucun compte de ce site n'a votre adresse %(email)s. Demandez à "
            "l'administrateur de l'inscrire avec cette adresse.",
            email=email,
        ),
    )


def _anothers(email: str) -> Refused:
    return Refused(
        "another person with this address",
        gettext(
            "Le compte de %(email)s appartient, sur ce site, à une autre personne de "
            "%(provider)s. L'adresse est à vous maintenant ? Demandez à "
            "l'administrateur de détacher ce compte.",
            email=email,
            provider=provider_name(),
        ),
    )
