# SPDX-License-Identifier: AGPL-3.0-or-later
"""The captions' service with a real model, and who speaks to it and reads along."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from stage.captions import MODELS, Captions, Page, Voice


@pytest.fixture
def models() -> Path:
    """Give a folder with a model that hears English."""
    if not (MODELS / "en" / "tokens.txt").exists():
        pytest.skip("no model: run script/setup --test")
    return MODELS


@pytest.fixture
def captions(models: Path, tmp_path: Path) -> Iterator[Captions]:
    """Give the running service."""
    captions = Captions(tmp_path, models)
    captions.start()
    yield captions
    captions.program.stop()


@pytest.fixture
def page(captions: Captions) -> Iterator[Page]:
    """Give a page that reads along."""
    page = Page(captions)
    yield page
    page.close()


@pytest.fixture
def call(captions: Captions) -> Iterator[Callable[..., Voice]]:
    """Give what begins a call; it ends with the test."""
    with ExitStack() as stack:

        def begin(language: str = "en") -> Voice:
            voice = Voice(captions, language)
            stack.callback(voice.close)
            return voice

        yield begin
