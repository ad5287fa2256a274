# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a document that is made of laid pages holds, and what it holds no more."""

import io

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from booking_web.domain.documents.arranged_pdf import (
    OrderedPage,
    arrange,
    without_notes,
)
from booking_web.domain.documents.edges_seen import propose_crop
from booking_web.domain.documents.errors import DocumentRefused, Refusal
from stage.kiosk_ground import make_pdf
from tests.factories.scanned_pages import (
    CAMERA_NOTE,
    SIZE,
    hidden_in,
    scan_of,
    scanned_page,
)

SECRET = b"SECRET OF THE DROPPED PAGE"


def arranged(source: bytes, *pages: OrderedPage, mark: str = "") -> bytes:
    kept = io.BytesIO()
    arrange(io.BytesIO(source), [len(source)], kept, pages, mark)
    return kept.getvalue()


def saved(pdf: pikepdf.Pdf) -> bytes:
    kept = io.BytesIO()
    pdf.save(kept)
    return kept.getvalue()


def with_shared_resources() -> bytes:
    """Give two pages that name the pictures of both, as some programs write them."""
    with pikepdf.new() as pdf:
        pictures = {}
        for name, content in (("/First", b"\xff" * 4), ("/Second", SECRET)):
            picture = pdf.make_stream(content)
            picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
            picture.Width, picture.Height = 1, 1
            picture.ColorSpace, picture.BitsPerComponent = pikepdf.Name.DeviceGray, 8
            pictures[name] = picture
        shared = pdf.make_indirect(
            pikepdf.Dictionary(XObject=pikepdf.Dictionary(pictures))
        )
        for name in pictures:
            pdf.add_blank_page(page_size=(100, 100))
            pdf.pages[-1].obj.Resources = shared
            pdf.pages[-1].obj.Contents = pdf.make_stream(
                f"q 50 0 0 50 0 0 cm {name} Do Q".encode()
            )
        return saved(pdf)


def test_what_a_dropped_page_showed_is_nowhere_though_the_pages_shared_it() -> None:
    source = with_shared_resources()
    assert SECRET in hidden_in(source)
    assert SECRET not in hidden_in(arranged(source, OrderedPage(0, 1, 0)))


def test_what_other_programs_wrote_about_themselves_is_gone() -> None:
    def tell(pdf: pikepdf.Pdf) -> None:
        with pdf.open_metadata() as metadata:
            metadata["dc:creator"] = ["Mme Dupont"]
        pdf.docinfo["/Author"] = "Mme Dupont"
        pdf.attachments["note.txt"] = b"Mme Dupont"
        pdf.pages[0].obj.PieceInfo = pikepdf.Dictionary(Who="Mme Dupont")
        pdf.pages[0].obj.Metadata = pdf.make_stream(b"Mme Dupont")

    source = make_pdf(2, tell)
    assert b"Mme Dupont" in hidden_in(source)
    kept = arranged(source, OrderedPage(0, 1, 0), OrderedPage(0, 2, 90))
    assert b"Dupont" not in hidden_in(kept)


def test_what_a_forms_fields_show_becomes_part_of_the_page() -> None:
    def fill_in(pdf: pikepdf.Pdf) -> None:
        shown = pdf.make_stream(b"0 0 0 rg 0 0 100 100 re f")
        shown.Type, shown.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        shown.BBox = [0, 0, 100, 100]
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T="name",
                V="M. Dupont",
                Rect=[100, 600, 200, 700],
                F=4,
                AP=pikepdf.Dictionary(N=shown),
            )
        )
        pdf.pages[0].Annots = pikepdf.Array([field])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[field])

    kept = arranged(make_pdf(1, fill_in), OrderedPage(0, 1, 0))
    with pikepdf.open(io.BytesIO(kept)) as pdf:
        assert "/Annots" not in pdf.pages[0].obj
        assert "/AcroForm" not in pdf.Root
    with pypdfium2.PdfDocument(kept) as drawn:
        picture = drawn[0].render(scale=1).to_pil().convert("L")
    # Where the field is, counted from the top of an A4 page.
    assert picture.getpixel((150, 842 - 650)) == 0
    assert picture.getpixel((50, 842 - 650)) == 255


def test_a_grey_page_stays_grey_and_a_coloured_one_coloured() -> None:
    grey, red = scanned_page("grey", "grey"), scanned_page("red", "red")
    source = scan_of(grey, red)
    crop = (0.1, 0.1, 0.9, 0.9)
    kept = arranged(source, OrderedPage(0, 1, 0, crop), OrderedPage(0, 2, 0, crop))
    with pikepdf.open(io.BytesIO(kept)) as pdf:
        spaces = [page.obj.Resources.XObject.Scan.ColorSpace for page in pdf.pages]
    assert spaces == ["/DeviceGray", "/DeviceRGB"]


def test_a_scan_is_drawn_as_finely_as_it_was_scanned() -> None:
    kept = arranged(
        scan_of(scanned_page("x", "red", (1654, 2339))),
        OrderedPage(0, 1, 0, (0, 0, 1, 0.5)),
    )
    with pikepdf.open(io.BytesIO(kept)) as pdf:
        picture = pdf.pages[0].obj.Resources.XObject.Scan
        assert abs(int(picture.Width) - 1654) <= 2
        assert abs(int(picture.Height) - 1170) <= 2


@pytest.mark.parametrize("page", [0, 3, -1, 10_000])
def test_a_page_that_the_source_has_not_is_refused(page) -> None:
    with pytest.raises(DocumentRefused) as refused:
        arranged(make_pdf(2), OrderedPage(0, page, 0, (0, 0, 0.5, 0.5)))
    assert refused.value.reason is Refusal.DAMAGED


def test_a_jpeg_loses_its_notes_and_no_pixel() -> None:
    noted = scanned_page("x")
    assert CAMERA_NOTE.encode() in noted
    plain = without_notes(noted)
    assert CAMERA_NOTE.encode() not in plain
    with Image.open(io.BytesIO(noted)) as one, Image.open(io.BytesIO(plain)) as other:
        assert one.tobytes() == other.tobytes()
    # What is cut off, or no JPEG at all, stays as it is.
    for odd in (b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\xff\xff", b"no picture"):
        assert without_notes(odd) in (odd, odd[:2])


def test_the_edge_of_a_card_on_the_glass_is_proposed() -> None:
    picture = Image.new("RGB", SIZE, "white")
    picture.paste("grey", (100, 200, 500, 450))
    picture.putpixel((800, 1100), (0, 0, 0))
    kept = io.BytesIO()
    picture.save(kept, "JPEG")
    found = propose_crop(kept.getvalue())
    assert found is not None
    sides = (found.left, found.top, found.right, found.bottom)
    wide, high = SIZE
    expected = (100 / wide, 200 / high, 500 / wide, 450 / high)
    assert sides == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("colour", ["white", "grey"])
def test_of_a_sheet_that_fills_the_glass_or_none_no_edge_is_proposed(colour) -> None:
    kept = io.BytesIO()
    Image.new("RGB", SIZE, colour).save(kept, "JPEG")
    assert propose_crop(kept.getvalue()) is None
