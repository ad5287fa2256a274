# SPDX-License-Identifier: AGPL-3.0-or-later
"""Carries out what a person pressed, once, and says on the next page why it was not done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import flash, redirect, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.consents.barring import ResidentDisagrees
from booking_web.shell.services import services
from booking_web.words.consents import refused_words

Result = TypeVar("Result")
# What each refusal of the domain is called on the page.
Refusals = Mapping[type[Exception], Callable[[Any], str]]
# Whatever a page asks for, it may be what the resident does not agree to.
_EVERYWHERE: Refusals = {ResidentDisagrees: refused_words}


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
    known = {**_EVERYWHERE, **(refusals or {})}
    try:
        done = Done(in_transaction(services().database, work))
    except DatabaseBusy:
        flash(busy_words(), "warning")
        return None
    except tuple(known) as error:
        flash(_words_of(error, known), "warning")
        return None
    services().doorbell.ring()
    return done


def carry_out_and_show(
    work: Callable[[Session], object], said: str, endpoint: str
) -> Response:
    """Do the work, say so, and lead to a page that shows it; or says why it was not done."""
    if carry_out(work) is not None:
        flash(said, "success")
    return redirect(url_for(endpoint), 303)


def busy_words() -> str:
    """Say that the database did not answer in time."""
    return gettext("Le serveur est très occupé. Réessayez dans un instant.")


def _words_of(error: Exception, refusals: Refusals) -> str:
    return next(
        words(error) for kind, words in refusals.items() if isinstance(error, kind)
    )
