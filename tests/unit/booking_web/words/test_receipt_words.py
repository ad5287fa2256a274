# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a receipt says of a paper: its title, else what kind it is, else that it was scanned."""

import pytest

from booking_web.domain.receipts.proposing import Deed, Line
from booking_web.words.receipts import line_sentence


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (Line("document-1", Deed.HANDED_IN, "Ma carte", 1, "identity"), "Ma carte"),
        (Line("document-1", Deed.HANDED_IN, "", 1, "health_card"), "Carte Vitale"),
        (Line("document-1", Deed.HANDED_IN, "", 1), "Papier numérisé"),
        (Line("document-1", Deed.PRINTED, "", 1), "Imprimé : Document"),
        (Line("document-1", Deed.MAILED, "CV", 1), "Envoyé par e-mail : CV"),
        (
            Line("document-1", Deed.PRINTED_AND_MAILED, "CV", 1),
            "Imprimé et envoyé par e-mail : CV",
        ),
        (Line("draft-1", Deed.SIGNED, "Aide"), "Formulaire rempli et signé : Aide"),
    ],
)
def test_a_paper_is_told_by_its_title_or_its_kind(line: Line, sentence: str) -> None:
    assert line_sentence(line) == sentence
