# SPDX-License-Identifier: AGPL-3.0-or-later
"""A model that is missing, broken or another user's: said in plain words, and no captions."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stage.captions import Captions, Page, Voice
from stage.endpoint import BINARIES
from stage.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.real


def checked(folder: Path, models: Path) -> tuple[int, str]:
    """Have the models tried, as IT does."""
    settings = Captions(folder, models).settings
    ran = subprocess.run(
        [BINARIES / "guichet-kiosk", "captions", settings, "--check"],
        capture_output=True,
        text=True,
        timeout=120 * PATIENCE,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_a_model_that_is_whole_is_loaded_once(models: Path, tmp_path: Path) -> None:
    code, told = checked(tmp_path, models)
    assert code == 0, told
    assert told.startswith("ok   Sous-titres (en) : chargé en ")


def test_a_folder_without_a_language_is_named(tmp_path: Path) -> None:
    code, told = checked(tmp_path, tmp_path / "nowhere")
    assert code == 1
    assert f"Le modèle de sous-titres manque : {tmp_path}/nowhere" in told


def test_a_folder_without_a_models_files_says_which(tmp_path: Path) -> None:
    (tmp_path / "models" / "fr").mkdir(parents=True)
    code, told = checked(tmp_path, tmp_path / "models")
    assert code == 1
    assert "Le modèle de sous-titres est illisible : il faut tokens.txt" in told


@pytest.mark.parametrize("part", ["encoder_model.ort", "tokens.txt"])
def test_a_broken_file_ends_no_more_than_the_engine(
    models: Path, tmp_path: Path, part: str
) -> None:
    shutil.copytree(models, tmp_path / "models")
    (tmp_path / "models" / "en" / part).write_bytes(os.urandom(4096))
    code, told = checked(tmp_path, tmp_path / "models")
    assert code == 1
    assert "Le modèle de sous-titres est illisible" in told


def test_a_call_goes_on_without_captions_where_the_model_is_broken(
    models: Path, tmp_path: Path
) -> None:
    shutil.copytree(models, tmp_path / "models")
    (tmp_path / "models" / "en" / "encoder_model.ort").write_bytes(os.urandom(4096))
    captions = Captions(tmp_path, tmp_path / "models")
    captions.start()
    page, voice = Page(captions), Voice(captions)
    try:
        wait_for(
            lambda: captions.program.log_text().count("captions stopped") == 3,
            "it is tried three times",
            30,
        )
        # Nobody read anything: nothing has ended that would have to be told.
        assert {told["state"] for _, told in page.told} == {"off"}
        assert voice.is_speaking
    finally:
        voice.close()
        page.close()
        captions.program.stop()
