# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms are read as a browser without JavaScript would send them."""

import pytest

from stage.html_forms import forms_of

PAGE = """
<form action="/out"><input type="hidden" name="csrf_token" value="t1"></form>
<form action="/book">
  <input type="hidden" name="csrf_token" value="t2">
  <input name="resident_name" value="">
  <label><input type="radio" name="organisation" value="msa"> <span>MSA</span></label>
  <label><input type="radio" name="organisation" value="caf"> <span>La CAF</span></label>
  <label><input type="radio" name="when" value="now" checked> Maintenant</label>
  <select name="relay"><option value="">Choisir</option>
    <option value="guise" selected>Guise</option></select>
  <button type="submit" name="proposed" value="x">Valider</button>
</form>
"""


def test_what_a_form_would_send_untouched_is_read() -> None:
    out, book = forms_of(PAGE)
    assert (out.action, out.values) == ("/out", {"csrf_token": "t1"})
    assert book.values == {
        "csrf_token": "t2",
        "resident_name": "",
        "when": "now",
        "relay": "guise",
    }


def test_a_choice_is_taken_by_its_label() -> None:
    _, book = forms_of(PAGE)
    book.choose("organisation", "caf")
    assert book.values["organisation"] == "caf"


def test_a_choice_that_the_page_does_not_offer_is_named() -> None:
    _, book = forms_of(PAGE)
    with pytest.raises(LookupError, match="MSA, La CAF"):
        book.choose("organisation", "CPAM")
