# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The carriers' digests. They look alike and are not: what is hashed and what is written in Base64 differs by interface.

All are MD5 with a shared word behind the text, as the carriers define it: they tell apart who knows the word, no more.
"""

import base64
import hashlib

from connectors.sdk.http.template import java_url


def sf_digest(message: str, timestamp: str, word: str) -> str:
    """顺丰 msgDigest: Base64 of the MD5 *bytes* of ``message + timestamp + word`` as ``java.net.URLEncoder`` writes it."""
    return _base64(_md5(java_url(f"{message}{timestamp}{word}")).digest())


def ems_order_digest(body: str, word: str) -> str:
    """邮政 data_digest of ``logistics_interface``: Base64 of the MD5 *bytes* of ``body + word``."""
    return _base64(_md5(f"{body}{word}").digest())


def ems_trace_digest(body: str, word: str) -> str:
    """邮政 dataDigest of the trace interface: Base64 of the MD5 in lower-case *hexadecimal* of ``body + word``."""
    return _base64(_md5(f"{body}{word}").hexdigest().encode())


def _md5(text: str) -> "hashlib._Hash":
    return hashlib.md5(text.encode(), usedforsecurity=False)


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
