# SPDX-License-Identifier: AGPL-3.0-or-later
"""The printer jams: the counsellor reads it, the print goes on afterwards."""


def test_the_counsellor_reads_it_and_the_print_goes_on_once_it_is_mended(
    see_mended,
):
    see_mended("media-jam", "paper_jam", "Bourrage de papier dans l'imprimante.")
