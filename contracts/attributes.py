# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a route may ask about a message: few, indexed, and never personal."""

from typing import NamedTuple


class Attributes(NamedTuple):
    """The facts of one message that routing sees. A tuple, since it is made for every message and that is soonest made.

    ``contract`` is the CloudEvents type; ``version`` its major version; ``source`` the sending system's id; ``case`` the
    case number (办件编号); ``region`` a 行政区划 code of 6, 9 or 12 digits; ``item`` the 实施编码; ``department`` the
    USCC (or older code) of the responsible organisation; ``level`` the 行使层级 code; ``channel`` the 渠道 by which something
    is to go out (a notice) or came about. None: the message does not say.
    """

    contract: str
    version: int
    source: str
    case: str | None = None
    region: str | None = None
    item: str | None = None
    department: str | None = None
    level: str | None = None
    channel: str | None = None
