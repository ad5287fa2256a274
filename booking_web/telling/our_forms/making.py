# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes our forms: a page of HTML becomes a PDF with fields, read like any other form."""

from dataclasses import replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from booking_web.base.own_process import memory_file
from booking_web.domain.forms.placed_meaning import placed_of
from booking_web.domain.forms.reader import FormRead, FormReader
from booking_web.telling.our_forms.catalogue import OurForm
from booking_web.telling.slips.paper import pdf_with_fields

TEMPLATES = Path(__file__).parents[2] / "templates"


def page_of(form: OurForm) -> str:
    """Give its page of HTML."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True
    )
    return environment.get_template(f"our_forms/{form.name}.html").render()


def make(form: OurForm, reader: FormReader) -> FormRead:
    """Give it as a library takes it; raises EngineUnavailable."""
    with memory_file("form", pdf_with_fields(page_of(form))) as pdf:
        read = reader.read(pdf)
    if not form.kinds:
        return read
    placed = [
        replace(each, kind=form.kinds.get(each.key, each.kind))
        for each in placed_of(read.description.fields, form.asked)
    ]
    return reader.with_fields(read, placed)
