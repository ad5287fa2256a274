# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form of a receipt: what is ticked, what is added, and the paper that comes of it."""

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from booking_web.base.local_time import local_day
from booking_web.base.resident_text import has_unprintable, normalised
from booking_web.domain.receipts.proposing import Deed, Proposal
from booking_web.shell.forms.fields import printable, telephone_number
from booking_web.telling.papers.receipt import Receipt
from booking_web.words.dates import clock, long_date
from booking_web.words.receipts import line_sentence

FREE_LENGTH = 400
WHOM_LENGTH = 120


def _readable_lines(_form: FlaskForm, field: TextAreaField) -> None:
    if any(has_unprintable(line) for line in (field.data or "").splitlines()):
        raise ValidationError(
            lazy_gettext(
                "Ce texte contient des caractères illisibles. Retapez-le à la main."
            )
        )


def _short() -> Length:
    return Length(
        max=FREE_LENGTH,
        message=lazy_gettext("Ce texte est trop long : 400 caractères au plus."),
    )


class ReceiptForm(FlaskForm):
    """What the counsellor adds to what the appointment tells by itself."""

    other = TextAreaField(
        lazy_gettext("Autre chose"), validators=[_short(), _readable_lines]
    )
    next_steps = TextAreaField(
        lazy_gettext("La suite"), validators=[_short(), _readable_lines]
    )
    with_appointment = BooleanField(lazy_gettext("Le prochain rendez-vous"))
    whom = StringField(
        lazy_gettext("Qui appeler"),
        filters=[normalised],
        validators=[
            Length(
                max=WHOM_LENGTH,
                message=lazy_gettext("Ce nom est trop long : 120 caractères au plus."),
            ),
            printable,
        ],
    )
    telephone = StringField(
        lazy_gettext("Téléphone"), filters=[normalised], validators=[telephone_number]
    )


@dataclass(frozen=True)
class Chosen:
    """What is to stand on the receipt."""

    keys: Collection[str]
    other: str = ""
    next_steps: str = ""
    with_appointment: bool = True
    whom: str = ""
    telephone: str = ""


def usual_choice(proposal: Proposal) -> Chosen:
    """Choose what most residents want to read of."""
    return Chosen(
        keys=[each.key for each in proposal.lines if each.is_usual],
        whom=proposal.whom,
        telephone=proposal.telephone,
    )


def receipt_of(proposal: Proposal, chosen: Chosen) -> Receipt:
    """Write the receipt, in the language of the moment."""
    ticked = [each for each in proposal.lines if each.key in chosen.keys]
    following = proposal.next_appointment if chosen.with_appointment else None
    return Receipt(
        day=local_day(proposal.day, proposal.zone),
        organisation=proposal.organisation,
        relay=proposal.relay,
        done=(
            *(line_sentence(e) for e in ticked if e.deed is not Deed.HANDED_IN),
            *_lines(chosen.other),
        ),
        handed_in=tuple(
            line_sentence(each) for each in ticked if each.deed is Deed.HANDED_IN
        ),
        next_steps=_lines(chosen.next_steps),
        next_day=(
            long_date(local_day(following.starts_at, following.zone))
            if following
            else ""
        ),
        next_hour=clock(following.starts_at, following.zone) if following else "",
        next_place=following.relay if following else "",
        whom=chosen.whom,
        telephone=chosen.telephone,
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for each in text.splitlines() if (line := normalised(each)))
