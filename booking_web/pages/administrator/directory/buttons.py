# SPDX-License-Identifier: AGPL-3.0-or-later
"""A button of an entry's page: pressed once, asked about where it must be, refused in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from flask import flash, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.pages.administrator.acts import carry_out, done_before
from booking_web.pages.administrator.answers import (
    Answer,
    ask,
    is_confirmed,
    said_again,
    say_refusal,
    sent,
)
from booking_web.pages.administrator.entries.entry_pages import existing
from booking_web.shell.services import services
from provisioning.directory.errors import DirectoryError
from provisioning.directory.service import Outcome
from provisioning.inventory.plan import Kind

Made = TypeVar("Made")


@dataclass(frozen=True)
class Button:
    """What is pressed: the act it is written down as, the entry, and its page."""

    act: str
    kind: Kind
    ref: str
    back: str
    # Asked before anything is done; empty: done at once.
    question: str = ""
    is_rotation: bool = False
    # What must hold before that: raises DirectoryError.
    check: Callable[[], object] = lambda: None
    say: Callable[[DirectoryError], None] = say_refusal


def press(
    button: Button,
    write: Callable[[Session, datetime], Made],
    then: Callable[[Outcome, Made], Answer],
) -> Answer:
    """Do it, once, and answer with what `then` makes of the outcome and of what `write` gave.

    `write` works in the act's own transaction. An entry that is not there is 404; what is
    refused is said on the button's page.
    """
    this = sent()
    existing(button.kind, button.ref)
    if done_before(services().database, this.submission):
        return back_to(button.back, said_again(), "info")
    made: list[Made] = []

    def beside(session: Session) -> bool:
        made.append(write(session, this.at))
        return True

    try:
        button.check()
        if button.question and not is_confirmed():
            return ask(button.ref, button.question, back=button.back)
        done = carry_out(
            services().database,
            this,
            button.act,
            button.kind,
            button.ref,
            beside=beside,
            is_rotation=button.is_rotation,
        )
    except DirectoryError as error:
        button.say(error)
        return redirect(button.back, 303)
    if done.outcome is None:
        return back_to(button.back, said_again(), "info")
    return then(done.outcome, made[-1])


def write_nothing(_session: Session, _at: datetime) -> None:
    """Leave all to the act: for a button that renews a secret."""


def back_to(page: str, said: str, tone: str) -> Response:
    """Say this on the next page, which is that one."""
    flash(said, tone)
    return redirect(page, 303)
