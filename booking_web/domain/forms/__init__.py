# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms: what a PDF asks, drawn as it is filled in, and made final."""
