# SPDX-License-Identifier: AGPL-3.0-or-later
"""The PDF of a scan holds the very bytes of its JPEGs, in their true size."""

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from device_bridge.scanning.scan_pdf import hash_file, join_card, write_pdf


@pytest.fixture
def jpeg(tmp_path):
    def make(name, size, dpi=300, colour="white"):
        image = Image.new("RGB", size, colour)
        ImageDraw.Draw(image).ellipse((10, 10, 60, 40), fill="black")
        file = tmp_path / name
        image.save(file, dpi=(dpi, dpi))
        return file

    return make


def test_the_jpegs_are_in_it_without_a_second_loss(jpeg, tmp_path):
    pages = [jpeg("1.jpg", (2480, 3508)), jpeg("2.jpg", (1240, 600))]

    write_pdf(pages, tmp_path / "scan.pdf")

    with pikepdf.open(tmp_path / "scan.pdf") as pdf:
        images = [next(iter(page.get_images().values())) for page in pdf.pages]
        assert [bytes(image.read_raw_bytes()) for image in images] == [
            page.read_bytes() for page in pages
        ]
        width, height = (float(side) for side in pdf.pages[0].mediabox[2:])
    assert (width, height) == pytest.approx((595.2, 841.9), abs=0.2)


def test_both_sides_of_a_card_lie_on_one_a4_page_in_their_true_size(jpeg, tmp_path):
    sides = [
        jpeg("1.jpg", (1240, 874), colour="red"),
        jpeg("2.jpg", (1240, 874), colour="blue"),
    ]

    join_card(sides, tmp_path / "card.jpg", 300)
    write_pdf([tmp_path / "card.jpg"], tmp_path / "card.pdf")

    with pypdfium2.PdfDocument(tmp_path / "card.pdf") as pdf:
        assert len(pdf) == 1
        page = pdf[0]
        picture = page.render(scale=1).to_pil().convert("RGB")
        page.close()
    assert picture.size == (596, 842)
    above, below = picture.getpixel((298, 280)), picture.getpixel((298, 561))
    assert above[0] > 200 > 60 > above[2]
    assert below[2] > 200 > 60 > below[0]


def test_the_hash_is_that_of_the_file(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"abc")

    assert hash_file(file).startswith("ba7816bf8f01cfea414140de5dae2223")
