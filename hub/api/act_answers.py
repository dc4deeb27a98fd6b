# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is answered to whoever ordered an act. 操作的应答"""

from aiohttp import web

from contracts.refusal import Refusal
from hub.act_refusals import refusal_of
from hub.acting import Answer
from hub.api.dead_views import act_document
from hub.api.problems import NOT_FOUND
from hub.api.views import json_response
from hub.ports.journal import Acted, NoSuch


def act_answer(answer: Answer, missing: Refusal = NOT_FOUND) -> web.StreamResponse | Refusal:
    """The act as it is recorded, or why it is not; ``missing``: what it was to be done to is not there."""
    match answer:
        case Acted():
            return json_response(act_document(answer))
        case NoSuch():
            return missing
        case _:
            return refusal_of(answer)
