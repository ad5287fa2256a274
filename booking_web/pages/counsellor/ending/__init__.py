# SPDX-License-Identifier: AGPL-3.0-or-later
"""The end of an appointment on the counsellor's pages: outcome, continuation, one file of all."""
