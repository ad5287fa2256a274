# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes forms that were made to hurt whoever opens them."""

import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.factories.pdf_forms import A4, PdfForm

NOTHING = bytes(1 << 20)


def bomb() -> bytes:
    """Give two gigabytes in two megabytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(NOTHING) for _ in range(2000)) + packer.flush()
    form = PdfForm()
    form.field("nom", [100, 700, 200, 716])
    stream = form.pdf.make_stream(packed)
    stream.Filter = Name.FlateDecode
    form.pdf.pages[0].obj.Group = stream
    return form.saved(
        compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none
    )


def huge_picture() -> bytes:
    """Give a picture of 40,000 by 40,000 in a few bytes."""
    form = PdfForm()
    picture = form.pdf.make_stream(b"\xff\xd8\xff", Type=Name.XObject)
    picture.Subtype, picture.Filter = Name.Image, Name.DCTDecode
    picture.Width, picture.Height = 40_000, 40_000
    picture.ColorSpace, picture.BitsPerComponent = Name.DeviceRGB, 8
    form.pdf.pages[0].obj.Thumb = picture
    return form.saved()


def endless_drawing() -> bytes:
    """Give a page that draws a line a billion times, by forms that call forms."""
    form = PdfForm()
    form.field("nom", [100, 700, 200, 716])
    line = form.pdf.make_stream(b"0 0 m 9 9 l S", Type=Name.XObject)
    line.Subtype, line.BBox = Name.Form, Array([0, 0, 9, 9])
    inner = _calling_each_other(form, line)
    look = form.pdf.make_stream(b"/F Do", Type=Name.XObject, Subtype=Name.Form)
    look.BBox = Array([0, 0, 100, 16])
    look.Resources = Dictionary(XObject=Dictionary(F=inner))
    form.pdf.Root.AcroForm.Fields[0].AP = Dictionary(N=look)
    return form.saved()


def _calling_each_other(form: PdfForm, innermost: pikepdf.Object) -> pikepdf.Object:
    """Give a form that calls another ten times, and so on: a billion times the innermost."""
    inner = innermost
    for _ in range(9):
        outer = form.pdf.make_stream(b"/F Do " * 10, Type=Name.XObject)
        outer.Subtype, outer.BBox = Name.Form, Array([0, 0, 9, 9])
        outer.Resources = Dictionary(XObject=Dictionary(F=inner))
        inner = outer
    return inner


def endless_page() -> bytes:
    """Give a page of which the content itself is so."""
    form = PdfForm()
    line = form.pdf.make_stream(b"0 0 m 9 9 l S", Type=Name.XObject)
    line.Subtype, line.BBox = Name.Form, Array([0, 0, 9, 9])
    page = form.pdf.pages[0].obj
    drawn = _calling_each_other(form, line)
    page.Resources = Dictionary(XObject=Dictionary(F=drawn))
    page.Contents = form.pdf.make_stream(b"/F Do")
    return form.saved()


def huge_picture_drawn() -> bytes:
    """Give a page with a picture of 20,000 by 20,000, packed into some hundred kilobytes."""
    form = PdfForm()
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(NOTHING) for _ in range(382))
    picture = form.pdf.make_stream(packed + packer.flush(), Type=Name.XObject)
    picture.Subtype, picture.Filter = Name.Image, Name.FlateDecode
    picture.Width, picture.Height = 20_000, 20_000
    picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
    page = form.pdf.pages[0].obj
    page.Resources = Dictionary(XObject=Dictionary(P=picture))
    page.Contents = form.pdf.make_stream(b"q 500 0 0 700 0 0 cm /P Do Q")
    return form.saved(
        compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none
    )


def giant_page() -> bytes:
    """Give a page of 14 million points: five kilometres."""
    form = PdfForm()
    form.pdf.pages[0].obj.MediaBox = Array([0, 0, 14_400_000, 14_400_000])
    return form.saved()


def no_page_at_all() -> bytes:
    """Give a page of no size, turned by a bit."""
    form = PdfForm()
    form.pdf.pages[0].obj.MediaBox = Array([0, 0, 0, 0])
    form.pdf.pages[0].obj.Rotate = 17
    return form.saved()


def endless_parents() -> bytes:
    """Give a field that is above itself, and one that is below ten thousand."""
    form = PdfForm()
    looped = form.field("boucle", [100, 700, 200, 716])
    looped.Parent = looped
    above = form.pdf.make_indirect(Dictionary(T=String("a"), FT=Name.Tx))
    for _ in range(10_000):
        above = form.pdf.make_indirect(Dictionary(T=String("a"), Parent=above))
    deep = form.field("profond", [100, 600, 200, 616])
    deep.Parent = above
    return form.saved()


def endless_pages() -> bytes:
    """Give a tree of pages that comes back to itself."""
    content = PdfForm(2).saved(
        object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False
    )
    at = content.index(b"/Kids [ ") + len(b"/Kids [ ")
    number = content[: content.index(b"/Type /Pages")].rindex(b" 0 obj")
    tree = content[:number].split(b"\n")[-1]
    first = content[at : content.index(b" 0 R", at)]
    return content[:at] + tree.rjust(len(first)) + content[at + len(first) :]


def deep_nesting() -> bytes:
    """Give arrays in arrays, a hundred thousand deep."""
    content = PdfForm().saved(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    nested = b"\n99 0 obj\n" + b"[" * 100_000 + b"]" * 100_000 + b"\nendobj\n"
    return content.replace(b"\nxref\n", nested + b"\nxref\n")


def infinite_place() -> bytes:
    """Give a field as large as numbers go, one that is nowhere, and one without end."""
    form = PdfForm()
    form.field("immense", [-11111, -11111, 11111, 11111])
    form.field("nulle", [100, 100, 100, 100])
    form.field("ailleurs", [9000, 9000, 9100, 9016])
    form.field("nom", [100, 700, 200, 716])
    content = form.saved(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return content.replace(b"11111", b"3" + 38 * b"0" + b".5")


def odd_values() -> bytes:
    """Give a field of which nothing has the type that it should have."""
    form = PdfForm()
    field = form.field("nom", [100, 700, 200, 716])
    field.MaxLen, field.Ff, field.TU = String("x"), Name.Big, 12
    field.V, field.DA, field.Opt = Dictionary(a=1), 7, 3
    second = form.field("prénom", [100, 600, 200, 616])
    second.MaxLen, second.Ff = -5, -(2**31)
    second.DA = String("/Helv 1e30 Tf 9 9 9 9 9 k")
    form.pdf.pages[0].obj.MediaBox = Array([0, 0, *A4])
    form.pdf.pages[0].obj.Rotate = 17
    return form.saved()
