# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: what an order to a call carries."""

import pjsua2 as pj


def call_parameters(code: int) -> pj.CallOpParam:
    """Give the parameters of an order, with this SIP status: sound and picture, no text."""
    parameters = pj.CallOpParam(True)
    parameters.statusCode = code
    parameters.opt.audioCount = 1
    parameters.opt.videoCount = 1
    parameters.opt.textCount = 0
    # Never by INFO: Asterisk does not answer it, and the call dies after 32 s.
    parameters.opt.reqKeyframeMethod = pj.PJSUA_VID_REQ_KEYFRAME_RTCP_PLI
    return parameters
