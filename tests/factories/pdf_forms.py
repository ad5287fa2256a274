# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes PDF forms of each kind that administrations publish, and of some that nobody should."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, String

A4 = (595, 842)
MULTILINE, COMB = 1 << 12, 1 << 24
RADIO, BUTTON, STAYS_TICKED = 1 << 15, 1 << 16, 1 << 14
COMBO, EDITABLE = 1 << 17, 1 << 18
REQUIRED, READ_ONLY = 2, 1

Change = Callable[["PdfForm"], None]


class PdfForm:
    """A form that is being made; measures are those of the PDF, from below."""

    def __init__(self, pages: int = 1, *, has_fields: bool = True) -> None:
        self.pdf = pikepdf.new()
        for _ in range(pages):
            self.pdf.add_blank_page(page_size=A4)
        helvetica = Dictionary(
            Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica
        )
        helvetica.Encoding = Name.WinAnsiEncoding
        self.helvetica = self.pdf.make_indirect(helvetica)
        self.drawn: dict[int, bytes] = {}
        self.pictures: dict[int, pikepdf.Stream] = {}
        if has_fields:
            self.pdf.Root.AcroForm = self.pdf.make_indirect(
                Dictionary(
                    Fields=Array(),
                    DA=String("/Helv 0 Tf 0 g"),
                    DR=Dictionary(Font=Dictionary(Helv=self.helvetica)),
                )
            )

    def words(self, text: str, x: float, y: float, page: int = 1) -> None:
        """Print words on a page."""
        shown = text.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)")
        self.draw(b"BT /F 10 Tf %g %g Td (%s) Tj ET" % (x, y, shown), page)

    def draw(self, content: bytes, page: int = 1) -> None:
        """Draw something on a page."""
        self.drawn[page] = self.drawn.get(page, b"") + content + b"\n"

    def field(
        self,
        name: str | None,
        rect: Sequence[float],
        page: int = 1,
        kind: str = "/Tx",
        **more: Any,
    ) -> Dictionary:
        """Add a field with one place."""
        return self.listed(
            self.widget(rect, page, FT=Name(kind), **_named(name), **more)
        )

    def widget(self, rect: Sequence[float], page: int = 1, **more: Any) -> Dictionary:
        """Add a place, which belongs to no field yet."""
        item = self.pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, Rect=Array(rect), F=4, **more
            )
        )
        sheet = self.pdf.pages[page - 1].obj
        if "/Annots" not in sheet:
            sheet.Annots = Array()
        sheet.Annots.append(item)
        return item

    def box(
        self,
        name: str,
        rect: Sequence[float],
        page: int = 1,
        on: str = "Oui",
        **more: Any,
    ) -> Dictionary:
        """Add a box to tick."""
        item = self.field(name, rect, page, "/Btn", AS=Name.Off, **more)
        item.AP = self._looks(rect, on)
        return item

    def radios(
        self, name: str, choices: dict[str, Sequence[float]], page: int = 1, **more: Any
    ) -> Dictionary:
        """Add a field with a place for each of its choices."""
        parent = self.pdf.make_indirect(
            Dictionary(FT=Name.Btn, Ff=RADIO | STAYS_TICKED, T=String(name), **more)
        )
        parent.Kids = Array()
        for value, rect in choices.items():
            item = self.widget(rect, page, Parent=parent, AS=Name.Off)
            item.AP = self._looks(rect, value)
            item.MK = Dictionary(CA=String("l"))
            parent.Kids.append(item)
        return self.listed(parent)

    def same(
        self, name: str, places: Sequence[tuple[int, Sequence[float]]], **more: Any
    ) -> Dictionary:
        """Add one text field that stands in several places."""
        parent = self.pdf.make_indirect(Dictionary(FT=Name.Tx, T=String(name), **more))
        parent.Kids = Array(
            [self.widget(rect, page, Parent=parent) for page, rect in places]
        )
        return self.listed(parent)

    def listed(self, field: Dictionary) -> Dictionary:
        """Name a field in the form's list."""
        self.pdf.Root.AcroForm.Fields.append(field)
        return field

    def saved(self, **options: Any) -> bytes:
        """Give the PDF."""
        for number, page in enumerate(self.pdf.pages, start=1):
            page.obj.Resources = Dictionary(Font=Dictionary(F=self.helvetica))
            if number in self.pictures:
                page.obj.Resources.XObject = Dictionary(P=self.pictures[number])
            page.obj.Contents = self.pdf.make_stream(self.drawn.get(number, b""))
        content = io.BytesIO()
        self.pdf.save(content, static_id=not options.get("encryption"), **options)
        return content.getvalue()

    def _looks(self, rect: Sequence[float], on: str) -> Dictionary:
        width, height = rect[2] - rect[0], rect[3] - rect[1]
        off = self._look(width, height, b"")
        tick = b"1 w 2 2 m %g %g l 2 %g m %g 2 l S" % (
            *(width - 2, height - 2),
            *(height - 2, width - 2),
        )
        states = Dictionary(Off=off)
        states["/" + on] = self._look(width, height, tick)
        return Dictionary(N=states)

    def _look(self, width: float, height: float, content: bytes) -> pikepdf.Stream:
        look = self.pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form)
        look.BBox = Array([0, 0, width, height])
        return look


def _named(name: str | None) -> dict[str, Any]:
    return {} if name is None else {"T": String(name)}


def request_for_a_home() -> PdfForm:
    """Make a form such as that of a town hall: each kind of field, two pages."""
    form = PdfForm(2)
    form.words("Nom :", 50, 760)
    form.field("nom", [100, 756, 300, 774], TU=String("Nom de famille"), Ff=REQUIRED)
    form.words("Prénom :", 310, 760)
    form.field("txtPrenom", [360, 756, 550, 774], TU=String("txtPrenom"))
    form.words("Code postal", 50, 720)
    form.field("cp", [130, 716, 230, 734], Ff=COMB, MaxLen=5)
    form.words("Né(e) le", 310, 720)
    form.field("dateNaissance", [360, 716, 460, 734])
    form.words("Votre demande :", 50, 690)
    form.field("demande", [50, 600, 550, 684], Ff=MULTILINE)
    form.radios("sexe", {"F": [50, 560, 62, 572], "M": [120, 560, 132, 572]})
    form.words("Madame", 66, 562)
    form.words("Monsieur", 136, 562)
    form.box("accord", [50, 520, 62, 532])
    form.words("J'accepte les conditions", 66, 522)
    form.field(
        "commune",
        [300, 516, 450, 534],
        kind="/Ch",
        Ff=COMBO,
        TU=String("Commune"),
        Opt=Array([Array([String("02"), String("Guise")]), String("Wassigny")]),
    )
    form.field("signature", [300, 60, 550, 130], 2, "/Sig", TU=String("Signature"))
    form.same("reference", [(1, [450, 800, 550, 816]), (2, [450, 800, 550, 816])])
    return form


def filled_in() -> PdfForm:
    """Make a form that somebody filled in and saved.

    One field holds what the form itself begins with, one what it says.
    """
    form = request_for_a_home()
    fields = {str(each.T): each for each in form.pdf.Root.AcroForm.Fields}
    fields["nom"].V = String("Lefèvre")
    fields["nom"].AP = Dictionary(N=form.pdf.make_stream(b"/Tx BMC EMC"))
    fields["accord"].V = fields["accord"].AS = Name.Oui
    fields["sexe"].V = fields["sexe"].Kids[1].AS = Name.M
    fields["commune"].V = String("02")
    fields["demande"].V = fields["demande"].DV = String("Je demande")
    fields["reference"].V, fields["reference"].Ff = String("12345*06"), READ_ONLY
    return form


def with_boxes_of_one_question() -> PdfForm:
    """Make a form of two pages with short lines, a long one, and boxes that answer a question."""
    form = PdfForm(2)
    form.field("nom", [50, 756, 250, 774], TU=String("Nom"))
    form.field("prenom", [310, 756, 550, 774], TU=String("Prénom"), Ff=MULTILINE)
    form.field("adresse", [50, 716, 550, 734], TU=String("Adresse"))
    for at, answer in enumerate(("A", "B", "NSP")):
        form.box(
            f"marche{at}",
            [50 + 60 * at, 700, 62 + 60 * at, 712],
            2,
            TU=String(f"Marcher : {answer}"),
        )
    form.field("lieu", [50, 656, 250, 674], 2, TU=String("Fait à"))
    form.field("le", [310, 656, 550, 674], 2, TU=String("Le"))
    return form


def many_fields(count: int = 300, pages: int = 3) -> PdfForm:
    """Make a form with that many lines to fill in."""
    form = PdfForm(pages)
    for number in range(count):
        page, rest = divmod(number, -(-count // pages))
        row, column = divmod(rest, 4)
        x, y = 40 + 135 * column, 800 - 28 * row
        form.words(f"Ligne {number}", x, y, page + 1)
        form.field(f"ligne{number}", [x + 45, y - 4, x + 130, y + 12], page + 1)
    return form


def with_xfa(form: PdfForm) -> None:
    """Add a second form in XFA, usage rights, and a look that must be made."""
    acroform = form.pdf.Root.AcroForm
    acroform.XFA = form.pdf.make_stream(b"<xdp/>")
    acroform.NeedAppearances = True
    form.pdf.Root.Perms = Dictionary(UR3=Dictionary(Type=Name.Sig))


def with_programs(form: PdfForm) -> None:
    """Add programs: one that computes a field, one of the whole form."""
    code = Dictionary(S=Name.JavaScript, JS=String('app.alert("evil")'))
    form.pdf.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array([String("a"), code]))
    )
    total = form.field("total", [300, 400, 400, 416])
    total.AA = Dictionary(C=code)
    day = form.field("jour", [300, 380, 400, 396])
    day.AA = Dictionary(
        F=Dictionary(S=Name.JavaScript, JS=String('AFDate_FormatEx("dd/mm/yyyy")'))
    )


def xfa_only() -> PdfForm:
    """Make a form that has nothing but XFA, as Adobe's designer publishes them."""
    form = PdfForm()
    form.words("Please wait...", 50, 760)
    with_xfa(form)
    form.field("signature", [0, 0, 0, 0], kind="/Sig")
    return form


def signed() -> PdfForm:
    """Make a form whose signature would break."""
    form = request_for_a_home()
    field = form.field("sceau", [50, 60, 150, 90], kind="/Sig")
    field.V = form.pdf.make_indirect(
        Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), Contents=String("x"))
    )
    return form


def scanned(pdf: bytes, dpi: int = 150) -> PdfForm:
    """Make a form of which each page is only a picture of that of another."""
    with pypdfium2.PdfDocument(pdf) as drawn:
        form = PdfForm(len(drawn), has_fields=False)
        for number, page in enumerate(drawn, start=1):
            picture = page.render(scale=dpi / 72, grayscale=True).to_pil()
            image = form.pdf.make_stream(picture.tobytes(), Type=Name.XObject)
            image.Subtype, image.ColorSpace = Name.Image, Name.DeviceGray
            image.Width, image.Height = picture.size
            image.BitsPerComponent = 8
            form.pictures[number] = image
            form.draw(b"q %d 0 0 %d 0 0 cm /P Do Q" % A4, number)
    return form


def flat() -> PdfForm:
    """Make a form of lines, boxes, cells and dots, without any field."""
    form = PdfForm(has_fields=False)
    form.words("Nom :", 50, 760)
    form.draw(b"0.5 w 90 756 m 300 756 l S")
    form.words("Prénom : ................................................", 50, 730)
    form.words("Code postal", 50, 700)
    form.draw(b"".join(b"%g 696 16 16 re S " % (130 + 16 * each) for each in range(5)))
    form.draw(b"50 660 10 10 re S 150 660 10 10 re S")
    form.words("Oui", 64, 661)
    form.words("Non", 164, 661)
    form.draw(b"50 500 495 120 re S")
    form.words("Votre demande", 54, 606)
    return form
