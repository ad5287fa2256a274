# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who acts for a resident: drawn up, signed by hand, ended or revoked."""
