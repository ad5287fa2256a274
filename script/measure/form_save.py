# SPDX-License-Identifier: AGPL-3.0-or-later
"""form.save: a key at the desk until it is kept and drawn, beside the same without the web."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles

from booking_web.base.clock import utc_now
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.engine import Draft, FormEngine
from measure.form_ground import (
    COUNSELLOR,
    FormGround,
    counsellor_of,
    form_ground,
    form_of_many_fields,
)
from measure.rows import Figures
from stage.html_forms import forms_of
from stage.kiosk_ground import archive_of
from stage.web_browser import WebBrowser

KEYS = 200
TEXT = "Madame Élodie Lefèvre, 12 rue de l'Église"


def measure() -> Figures:
    """Send keys one after the other by HTTP, then keep and draw as many with nothing between."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="guichet-"))
        )
        ground = stack.enter_context(form_ground(folder, form_of_many_fields))
        ours = _by_http(ground)
        bare = _without_the_web(ground, folder)
    slowest = quantiles(ours, n=20)[-1]
    return Figures(
        tuple(ours), tuple(bare), (f"95 of 100 keys took at most {slowest:.0f} ms",)
    )


def _by_http(ground: FormGround) -> list[float]:
    times = []
    with WebBrowser(ground.site.url) as browser:
        browser.sign_in(COUNSELLOR, ground.password)
        page = browser.get(ground.filling.removeprefix(ground.site.url))
        token = next(each.values["csrf_token"] for each in forms_of(page.text))
        revision = 0
        for number in range(KEYS):
            value = TEXT[: number % len(TEXT) + 1]
            sent = {"champ": 0, "lieu": 0, "valeur": value, "revision": revision}
            started = time.perf_counter()
            answer = browser.session.post(
                f"{ground.filling}/champ",
                data=sent | {"csrf_token": token},
                headers={"Referer": page.url},
                timeout=30,
            )
            times.append((time.perf_counter() - started) * 1000)
            answer.raise_for_status()
            revision = answer.json()["revision"]
    return times


def _without_the_web(ground: FormGround, folder: Path) -> list[float]:
    archive = archive_of(ground.database, str(ground.database.engine.url), folder)
    drafts = Drafts(ground.database, archive.store.key, utc_now)
    actor = counsellor_of(ground.database)
    field = ground.form.description.fields[0].key
    engine = FormEngine()
    times = []
    for number in range(KEYS):
        value = TEXT[: number % len(TEXT) + 1]
        started = time.perf_counter()
        drafts.save_field(ground.draft, 0, field, value, actor)
        engine.show(
            Draft(
                "bench",
                ground.form.description,
                lambda: ground.form.pdf,
                {field: value},
            ),
            field,
        )
        times.append((time.perf_counter() - started) * 1000)
    engine.close()
    return times
