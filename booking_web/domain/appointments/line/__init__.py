# SPDX-License-Identifier: AGPL-3.0-or-later
"""The organisations' lines: residents who came without an appointment and wait."""
