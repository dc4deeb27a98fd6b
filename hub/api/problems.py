# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Refusals as HTTP answers: problem documents (RFC 9457) with the headers their status asks for (RFC 9110)."""

import math

import orjson
from aiohttp import web

from contracts.problem import MEDIA_TYPE, problem
from contracts.refusal import Refusal
from contracts.refusal_codes import CODES
from contracts.text import Text

BUSY_SECONDS = 5.0

NOT_FOUND = Refusal(
    "E_NOT_FOUND", Text("这里没有可供本系统查看的内容。", "There is nothing here that your system may see.")
)
NO_SUCH_PATH = Refusal("E_NOT_FOUND", Text("接口中没有这个地址。", "The API has no such path."))
BUG = Refusal(
    "E_BUG", Text("处理请求时出错，已记录。", "Something broke while this was handled; it has been recorded.")
)
STOPPING = Refusal(
    "E_STOPPING",
    Text("中枢正在停止，不再接收请求。", "The hub is stopping and takes nothing more."),
    retry_after=BUSY_SECONDS,
)
JOURNAL_DOWN = Refusal(
    "E_JOURNAL_DOWN", Text("中枢的登记库暂时不可用。", "The journal is away for now."), retry_after=BUSY_SECONDS
)
STORE_DOWN = Refusal(
    "E_STORE_DOWN", Text("材料库暂时不可用。", "The store of materials is away for now."), retry_after=BUSY_SECONDS
)


def malformed_http(detail: Text) -> Refusal:
    """The bytes were not HTTP as the standard has it."""
    return Refusal("E_HTTP_MALFORMED", detail)


def wrong_method(allowed: str) -> Refusal:
    """``allowed`` is the value of the Allow header."""
    return Refusal(
        "E_METHOD", Text(f"此地址只接受 {allowed}。", f"Only {allowed} is possible here."), extra={"allow": allowed}
    )


def instance(request_id: str) -> str:
    """The URN that names one request in its problem documents."""
    return f"urn:uuid:{request_id}"


def problem_response(refusal: Refusal, request_id: str) -> web.Response:
    """The answer to one request."""
    status = CODES[refusal.code].status
    headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(refusal.retry_after))
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="govhub"'
    elif status == 405:
        headers["Allow"] = refusal.extra["allow"]
    return web.Response(status=status, body=orjson.dumps(problem(refusal, instance(request_id))), headers=headers)
