# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a counsellor reads of the call: what comes badly or is unplugged, and what to do."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from booking_web.domain.kiosks.line_quality import (
    LineQuality,
    MissingHere,
    MissingThere,
)

# From the kiosk: what the counsellor sees and hears of the resident.
FROM_KIOSK: Mapping[str, LazyString] = {
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
    MissingHere.CAMERA: lazy_gettext(
        "La caméra de la borne est débranchée : vous ne voyez pas l'usager, il vous voit"
        " et vous entend. Faites-la rebrancher par la mairie, l'image reviendra seule."
    ),
    MissingHere.MICROPHONE: lazy_gettext(
        "Le micro de la borne est débranché : vous n'entendez pas l'usager, il vous voit"
        " et vous entend. Faites-le rebrancher par la mairie, le son reviendra seul."
    ),
    MissingHere.CAMERA_AND_MICROPHONE: lazy_gettext(
        "La caméra et le micro de la borne sont débranchés : l'usager vous voit et vous"
        " entend. Faites-les rebrancher par la mairie, tout reviendra seul."
    ),
}
# To the kiosk: what the resident sees and hears of the counsellor.
TO_KIOSK: Mapping[str, LazyString] = {
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
    MissingThere.LOUDSPEAKER: lazy_gettext(
        "Le haut-parleur de la borne est débranché : l'usager ne vous entend pas."
        " Écrivez-lui, et faites-le rebrancher par la mairie."
    ),
    MissingThere.SCREENS: lazy_gettext(
        "Les deux écrans de la borne sont éteints ou débranchés : l'usager vous entend"
        " mais ne voit rien. Dites-le-lui."
    ),
    MissingThere.FIRST_SCREEN: lazy_gettext(
        "Le premier écran de la borne est éteint ou débranché : l'usager vous entend"
        " mais ne vous voit pas. Dites-le-lui."
    ),
    MissingThere.SECOND_SCREEN: lazy_gettext(
        "Le second écran de la borne est éteint ou débranché : l'usager ne voit pas ce"
        " que vous lui montrez. Lisez-le-lui."
    ),
}


def line_words(from_kiosk: str, to_kiosk: str) -> tuple[str, ...]:
    """Say what is wrong with a call's line, a sentence for each way;"
    " nothing where all is well."""
    told = (FROM_KIOSK.get(from_kiosk), TO_KIOSK.get(to_kiosk))
    return tuple(str(words) for words in told if words is not None)
