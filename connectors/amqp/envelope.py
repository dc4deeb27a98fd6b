# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The frames that stand before a message's body: where it goes, and its properties."""

from struct import Struct
from struct import error as StructError  # noqa: N812  # because the module calls every error "error"
from typing import Any

import pamqp.frame
from pamqp.commands import Basic

from connectors.amqp.properties import written

_APP_ID = "govhub"
_CHANNEL = 1
_HEADER = Struct(">BHI")
_HEADERS_MOST = 100_000


class Address:
    """An exchange and a routing key, encoded once."""

    def __init__(self, exchange: str, routing_key: str) -> None:
        publish = Basic.Publish(exchange=exchange, routing_key=routing_key, mandatory=True)
        self._frame = pamqp.frame.marshal(publish, _CHANNEL)

    def envelope(
        self,
        size: int,
        content_type: str,
        headers: dict[str, Any],
        message_id: str | None = None,
        correlation_id: str | None = None,
    ) -> bytes | None:
        """Method and header frame of one persistent message; None when AMQP cannot write the properties."""
        try:
            payload = written(size, content_type, headers, message_id or "", correlation_id or "", _APP_ID)
        except (ValueError, TypeError, OverflowError, StructError):  # ValueError: also what UTF-8 cannot write
            return None
        header = b"%b%b\xce" % (_HEADER.pack(2, _CHANNEL, len(payload)), payload)
        return self._frame + header if len(header) <= _HEADERS_MOST else None
