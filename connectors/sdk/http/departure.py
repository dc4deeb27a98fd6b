# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The body of a request, which knows whether anything of the request has left.

That one bit decides between ``Unavailable`` (send again) and ``InDoubt`` (nobody knows). A trace hook would know it
too, but hangs on the session, which is the hub's; a payload belongs to the one request.
"""

from aiohttp import Payload
from aiohttp.abc import AbstractStreamWriter

from connectors.sdk.http.spool import Body

_SLICE = 64 * 1024


class Departure(Payload):
    """Exact bytes, written once. ``left`` turns true just before the first byte is handed to the network.

    ``consumed`` follows it, which keeps aiohttp from repeating a request on its own after a cut connection.
    """

    def __init__(self, body: Body) -> None:
        super().__init__(body)
        self._body = body
        self._size = len(body)
        self.left = False

    @property
    def consumed(self) -> bool:
        """Whether this body may not be written a second time."""
        return self.left

    @property
    def autoclose(self) -> bool:
        """There is nothing to close."""
        return True

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """The body as text; aiohttp asks for this only when it logs."""
        return bytes(self._body).decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write everything, in slices, so that a large body neither blocks the loop nor piles up in memory."""
        self.left = True
        if not isinstance(
            self._body, bytes
        ):  # a mapped file: copied slice by slice, since what is sent may outlive this
            for start in range(0, len(self._body), _SLICE):
                await writer.write(self._body[start : start + _SLICE])
            return
        view = memoryview(self._body)
        for start in range(0, len(view), _SLICE):
            await writer.write(view[start : start + _SLICE])
