# SPDX-License-Identifier: AGPL-3.0-or-later
"""The printer opens its door: the counsellor reads it, the print goes on afterwards."""


def test_the_counsellor_reads_it_and_the_print_goes_on_once_it_is_mended(
    see_mended,
):
    see_mended("cover-open", "door_open", "Le capot de l'imprimante est ouvert.")
