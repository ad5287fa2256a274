# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a counsellor reads of the call's line: what comes badly, and what to do."""

from flask_babel import lazy_gettext

from booking_web.domain.kiosks.line_quality import LineQuality

# From the kiosk: what the counsellor sees and hears of the resident.
FROM_KIOSK = {
    LineQuality.COARSE: lazy_gettext(
        "Vous voyez mal l'usager : la ligne de la borne est chargée. Le son"
        " passe en premier, l'image reviendra seule."
    ),
    LineQuality.NO_PICTURE: lazy_gettext(
        "Vous ne voyez plus l'usager : la ligne de la borne est trop"
        " chargée pour l'image. Continuez à parler, l'image reviendra"
        " seule."
    ),
    LineQuality.BROKEN: lazy_gettext(
        "Vous entendez mal l'usager : la ligne de la borne perd du son."
        " Posez une question à la fois et faites répéter."
    ),
}
# To the kiosk: what the resident sees and hears of the counsellor.
TO_KIOSK = {
    LineQuality.COARSE: lazy_gettext(
        "L'usager vous voit mal : la ligne est chargée. Parlez, l'image reviendra seule."
    ),
    LineQuality.NO_PICTURE: lazy_gettext(
        "L'usager ne vous voit plus mais vous entend : dites-le-lui. Si"
        " votre caméra est allumée, l'image reviendra seule."
    ),
    LineQuality.BROKEN: lazy_gettext(
        "L'usager vous entend mal : la ligne perd du son. Parlez lentement,"
        " par phrases courtes, et faites-lui répéter ce qu'il a compris."
    ),
}


def line_words(from_kiosk: str, to_kiosk: str) -> tuple[str, ...]:
    """Say what is wrong with a call's line, a sentence for each way;"
    " nothing where all is well."""
    told = (FROM_KIOSK, from_kiosk), (TO_KIOSK, to_kiosk)
    return tuple(
        str(words[LineQuality(word)])
        for words, word in told
        if word in set(LineQuality)
    )
