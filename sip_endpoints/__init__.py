# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two SIP endpoints: the kiosk that answers alone and the counsellor's phone."""
