# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor with baresip, not our own program, prints and scans by keying codes."""

import pytest

from stage.device_story import FORM_PAGES
from stage.scanner import FEEDER_PAGES
from stage.stack import ASTERISK_FILE
from tests.integration.private_story import live_in_private

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ASTERISK_FILE.exists(), reason="run script/setup"),
]


def test_baresip_keys_codes_and_reads_the_answers_in_its_chat_pane() -> None:
    told = live_in_private("stage.softphone_story", {"baresip": "baresip-core"})
    chat = told["chat"]
    assert "Imprimante : prête. Scanner : prêt." in chat
    # A wrong code is answered with what is allowed.
    [wrong] = [text for text in chat if text.startswith("Ce code n'existe pas.")]
    assert "*1<n>#" in wrong and "*9#" in wrong
    # Printed once, all of it, and told so.
    assert told["printed"] == [list(FORM_PAGES)]
    printing = chat.index("Impression du document 1 en cours (2 pages).")
    printed = chat.index("Impression terminée, 2 pages.")
    scanning = chat.index("Numérisation en cours, ne touchez pas au document.")
    received = chat.index(f"Numérisation reçue : document 2, {FEEDER_PAGES} pages.")
    assert printing < printed < scanning < received
    assert told["scanned_pages"] == FEEDER_PAGES
    assert told["sha256_matches"] is True
