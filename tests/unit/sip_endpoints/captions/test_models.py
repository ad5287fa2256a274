# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which files of a site's folder make a model, and what is said where they do not."""

from pathlib import Path

import pytest

from sip_endpoints.captions.models import (
    Kind,
    ModelMissing,
    ModelUnreadable,
    find_model,
    languages_of,
)


def put(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(b"x")
    return folder


def test_a_streaming_model_is_found_with_the_quicker_of_two_files(
    tmp_path: Path,
) -> None:
    names = [
        f"{part}-epoch-29{kind}.onnx"
        for part in ("encoder", "decoder", "joiner")
        for kind in ("", ".int8")
    ]
    folder = put(tmp_path / "fr", "tokens.txt", "README.md", *names)
    model = find_model(tmp_path, "fr")
    assert model.kind is Kind.STREAMING
    assert model.encoder == folder / "encoder-epoch-29.int8.onnx"
    assert model.joiner == folder / "joiner-epoch-29.int8.onnx"


def test_a_model_without_a_joiner_reads_pieces(tmp_path: Path) -> None:
    put(tmp_path / "en", "tokens.txt", "encoder_model.ort", "decoder_model_merged.ort")
    model = find_model(tmp_path, "en")
    assert (model.kind, model.joiner) == (Kind.PIECES, None)
    assert languages_of(tmp_path) == ["en"]


@pytest.mark.parametrize(
    "names", [(), ("tokens.txt",), ("encoder.onnx", "decoder.onnx", "joiner.onnx")]
)
def test_a_folder_that_is_no_model_is_named(tmp_path: Path, names) -> None:
    put(tmp_path / "fr", *names)
    with pytest.raises(ModelUnreadable, match=f"illisible.*{tmp_path / 'fr'}"):
        find_model(tmp_path, "fr")


@pytest.mark.parametrize("language", ["fr", "de", "", "../fr"])
def test_a_language_without_a_folder_has_no_model(
    tmp_path: Path, language: str
) -> None:
    put(tmp_path / "en", "tokens.txt")
    with pytest.raises(ModelMissing, match="manque"):
        find_model(tmp_path, language)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = put(tmp_path / "fr", "tokens.txt", "decoder.onnx", "joiner.onnx")
    (folder / "encoder.onnx").symlink_to(tmp_path / "gone.onnx")
    with pytest.raises(ModelUnreadable, match="illisible : .*encoder.onnx"):
        find_model(tmp_path, "fr")


def test_no_language_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="ni dossier fr ni dossier en"):
        languages_of(tmp_path)
