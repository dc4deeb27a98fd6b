# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A refusal of the hub's own, in a form that the caller can read: a problem document, or a fault for who called by SOAP.

A receiver words its own refusals; these are the ones that come before it: too large, too slow, busy, stopping, a name that
nothing has.
"""

import math

from aiohttp import web

from connectors.soap.endpoint import problem_detail
from connectors.soap.envelope import content_type, fault
from connectors.soap.wsdl import Version
from contracts.bindings import media_type
from contracts.problem import problem
from contracts.refusal import Refusal
from contracts.refusal_codes import CODES
from hub.api.problems import instance, problem_response
from hub.api.route import REQUEST_ID

_CALLED = "/v1/in/"
_SERVER_FAULT = 500


def refused(refusal: Refusal, request: web.Request) -> web.Response:
    """The answer to one request."""
    version = _spoken(request)
    if version is None:
        return problem_response(refusal, request[REQUEST_ID])
    known = CODES[refusal.code]
    theirs = known.status < _SERVER_FAULT and refusal.retry_after is None
    # A fault is HTTP 500, but for one of the sender in SOAP 1.2, which is 400 (part 2, section 7.5.2.2).
    status = 400 if theirs and version is Version.V12 else _SERVER_FAULT
    document = problem(refusal, instance(request[REQUEST_ID]))
    reason = f"{refusal.code}: {refusal.detail}"
    body = fault(version, "Client" if theirs else "Server", reason, problem_detail(refusal.code, document))
    headers = {"Content-Type": content_type(version, ""), "Cache-Control": "no-store"}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(refusal.retry_after))
    return web.Response(status=status, body=body, headers=headers)


def _spoken(request: web.Request) -> Version | None:
    """The version of SOAP in which somebody calls a source; None for anything else. SOAP 1.1 is known by the header it must
    have (section 6.1.1), since webhooks may send XML too.
    """
    if request.method != "POST" or not request.path.startswith(_CALLED):
        return None
    kind = media_type.parse(request.headers.get("Content-Type", ""))
    if kind is not None and kind.essence == "application/soap+xml":
        return Version.V12
    return Version.V11 if "SOAPAction" in request.headers else None
