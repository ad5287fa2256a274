# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a counsellor reads at their telephone when the line changes, with what to do (pure)."""

from sip_endpoints.call.line_quality import LineQuality

SENT = {
    LineQuality.GOOD: "L'usager vous voit et vous entend bien de nouveau.",
    LineQuality.COARSE: (
        "L'usager vous voit mal : la ligne est chargée."
        " Parlez, l'image reviendra seule."
    ),
    LineQuality.NO_PICTURE: (
        "L'usager ne vous voit plus mais vous entend : dites-le-lui."
        " L'image reviendra seule."
    ),
    LineQuality.BROKEN: "L'usager vous entend mal. Parlez lentement, par phrases courtes.",
}
RECEIVED = {
    LineQuality.GOOD: "Vous voyez et entendez bien l'usager de nouveau.",
    LineQuality.COARSE: (
        "Vous voyez mal l'usager : la ligne est chargée. L'image reviendra seule."
    ),
    LineQuality.NO_PICTURE: (
        "Vous ne voyez plus l'usager. Continuez à parler, l'image reviendra seule."
    ),
    LineQuality.BROKEN: (
        "Vous entendez mal l'usager. Une question à la fois, et faites répéter."
    ),
}


class LineTeller:
    """Gives the sentences of what changed since it was last asked."""

    def __init__(self) -> None:
        self._told = LineQuality.GOOD, LineQuality.GOOD

    def news(self, quality: tuple[LineQuality, LineQuality] | None) -> list[str]:
        """Say what changed each way; between calls, forget."""
        if quality is None:
            self._told = LineQuality.GOOD, LineQuality.GOOD
            return []
        told, self._told = self._told, quality
        return [
            words[now]
            for words, before, now in zip((SENT, RECEIVED), told, quality, strict=True)
            if before is not now
        ]
