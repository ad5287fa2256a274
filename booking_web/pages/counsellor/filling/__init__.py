# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filling in: a form's draft, field by field, beside the page that it becomes."""
