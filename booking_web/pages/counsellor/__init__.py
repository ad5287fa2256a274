# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's pages: documents and devices of an appointment."""
