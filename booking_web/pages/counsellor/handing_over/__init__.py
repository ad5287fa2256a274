# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor hands a resident in call over, and reads afterwards what came of it."""
