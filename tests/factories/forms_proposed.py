# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the library proposes on the only page of a form."""

from functools import cache

from booking_web.domain.forms.layout import PageLayout
from booking_web.domain.forms.proposed import Proposal
from booking_web.domain.forms.reader import FormReader
from tests.factories.pdf_forms import PdfForm


@cache
def _reader() -> FormReader:
    return FormReader()


def layout_of(form: PdfForm) -> PageLayout:
    """Give the layout of a form of one page."""
    [layout] = _reader().lay_out(form.saved())
    return layout


def proposed_on(form: PdfForm) -> list[Proposal]:
    """Give what is proposed on it, in its order."""
    return list(layout_of(form).proposed)
