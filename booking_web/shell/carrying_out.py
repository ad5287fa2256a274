# SPDX-License-Identifier: AGPL-3.0-or-later
"""Carries out what a person pressed, once, and says on the next page why it was not done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import flash
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.shell.services import services

Result = TypeVar("Result")
# What each refusal of the domain is called on the page.
Refusals = Mapping[type[Exception], Callable[[Any], str]]


@dataclass(frozen=True)
class Done(Generic[Result]):
    """It was done, and gave this."""

    value: Result


def carry_out(
    work: Callable[[Session], Result], refusals: Refusals | None = None
) -> Done[Result] | None:
    """Do the work in one transaction and wake the dispatcher; None where it was refused.

    Why is then said on the next page, in the words of `refusals` or, where the database
    does not answer in time, in those of `busy_words`. Other errors are the caller's.
    """
    try:
        done = Done(in_transaction(services().database, work))
    except DatabaseBusy:
        flash(busy_words(), "warning")
        return None
    except tuple(refusals or ()) as error:
        flash(_words_of(error, refusals or {}), "warning")
        return None
    services().doorbell.ring()
    return done


def busy_words() -> str:
    """Say that the database did not answer in time."""
    return gettext("Le serveur est très occupé. Réessayez dans un instant.")


def _words_of(error: Exception, refusals: Refusals) -> str:
    return next(
        words(error) for kind, words in refusals.items() if isinstance(error, kind)
    )
