# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator is told when an act was not recorded. 操作未执行的说明"""

from contracts.refusal import Refusal
from contracts.text import Text
from hub.acting import Undone
from hub.clearance import OutOfScope
from hub.ports.journal import JournalDown, NoSuch, RequestTaken
from hub.second_person import Unapproved
from hub.second_person import refusal_of as unapproved


def refusal_of(answer: NoSuch | RequestTaken | JournalDown | OutOfScope | Unapproved | Undone) -> Refusal:
    """What an operator is told when an act was not recorded, or came too late."""
    match answer:
        case Undone():
            return Refusal(
                "E_TRANSACTION_UNDONE",
                Text(
                    "所属业务事务已撤销此步骤，无须再处理。",
                    "Its transaction has undone it; nothing is left to decide.",
                ),
            )
        case NoSuch():
            return Refusal("E_NOT_FOUND", Text("没有这个死信组或重放。", "There is no such group or replay."))
        case OutOfScope():
            return Refusal(
                "E_SCOPE", Text("超出您负责的区划或系统，未执行。", "Beyond your regions or systems; nothing was done.")
            )
        case Unapproved():
            return unapproved(answer)
        case RequestTaken():
            return Refusal(
                "E_REQUEST_REUSE",
                Text(
                    "这个 request 已用于另一项操作，本次未执行。", "This request named another act; nothing was done."
                ),
            )
        case JournalDown():
            return Refusal(
                "E_JOURNAL_DOWN", Text("中枢的登记库暂时不可用。", "The journal is away for now."), retry_after=5.0
            )
