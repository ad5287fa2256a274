# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the form tells of the resident, and the answer to the question who that is."""

from booking_web.domain.residents.identifying import Particulars
from booking_web.domain.residents.telephones import telephone_of
from booking_web.pages.secretary.booking.forms import BookingForm
from booking_web.shell.forms.day_and_hour import parsed_day


def particulars_of(form: BookingForm) -> Particulars:
    """Give what a valid form tells beside the name."""
    # An answer counts for the name that was asked about only.
    was_asked = bool(form.resident_choice.data) and (
        form.asked_about.data == form.resident_name.data
    )
    answer = form.resident_choice.data if was_asked else form.resident_id.data
    return Particulars(
        birth_date=parsed_day(form.birth_date.data),
        telephone=telephone_of(form.telephone.data or "") or "",
        email=form.email.data or "",
        address=form.address,
        answer=answer or "",
        was_asked=was_asked,
    )
