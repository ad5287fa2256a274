# SPDX-License-Identifier: AGPL-3.0-or-later
"""The API by which other software books, version 1 (see docs/api.md)."""
