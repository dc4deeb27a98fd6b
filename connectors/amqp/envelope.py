# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The frames that stand before a message's body: where it goes, and its properties."""

from struct import error as StructError  # noqa: N812  # because the module calls every error "error"
from typing import Any

import pamqp.frame
from pamqp.commands import Basic
from pamqp.header import ContentHeader

_CHANNEL = 1
_PERSISTENT = 2
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
            properties = Basic.Properties(
                content_type=content_type,
                headers=headers,
                delivery_mode=_PERSISTENT,
                message_id=message_id,
                app_id="govhub",
                correlation_id=correlation_id,
            )
            header = pamqp.frame.marshal(ContentHeader(body_size=size, properties=properties), _CHANNEL)
        except (ValueError, TypeError, OverflowError, StructError):  # ValueError: also what UTF-8 cannot write
            return None
        return self._frame + header if len(header) <= _HEADERS_MOST else None
