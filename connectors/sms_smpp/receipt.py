# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A receipt: a text such as ``id:17 sub:001 dlvrd:001 submit date:2611051342 done date:2611051343 stat:DELIVRD err:000 text:``.

SMPP v3.4, appendix B, leaves the text to the maker. So what is there is taken, in any order and case, and the optional parameters
receipted_message_id and message_state where they are. What the message was is not looked at.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from connectors.sdk import Delivered, Rejected
from connectors.sms_smpp.packets import MESSAGE_STATE, RECEIPTED_MESSAGE_ID, Message

IdForm: TypeAlias = Literal["text", "hex", "decimal"]

_ID: Final = re.compile(rb"\bid:\s*([0-9A-Za-z_.@-]{1,65})", re.IGNORECASE)
_STATE: Final = re.compile(rb"\bstat:\s*([A-Za-z]{1,10})", re.IGNORECASE)
_ERROR: Final = re.compile(rb"\berr:\s*([0-9A-Za-z]{1,8})", re.IGNORECASE)
_SUBMITTED: Final = re.compile(rb"\bsubmit[ _]date:\s*([0-9]{6,14})", re.IGNORECASE)
_DONE: Final = re.compile(rb"\bdone[ _]date:\s*([0-9]{10,14})", re.IGNORECASE)
_TEXT: Final = re.compile(rb"\btext:", re.IGNORECASE)
_STATES: Final = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
_NOT_FINAL: Final = frozenset({"ENROUTE", "SCHEDULED", "BUFFERED"})
_REMEDIES: Final = {
    "EXPIRED": "有效期内未送达，可重发 / not delivered in its time; it can be sent anew",
    "DELETED": "已被删除，请询问运营商 / it was deleted; ask the carrier",
    "UNDELIV": "无法送达，请核对号码是否停机、空号 / it cannot be delivered; see whether the number is in use",
    "REJECTD": "被拒绝，请核对内容、签名与黑名单 / it was rejected; see to text, signature and blocking lists",
}
_OTHER: Final = "结果不明，请询问运营商 / what became of it is unknown; ask the carrier"
_YEAR_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Receipt:
    """``state`` is one of the seven words where it can be told; ``done`` and ``submitted`` are digits as written."""

    message_id: str
    state: str
    error: str = ""
    submitted: str = ""
    done: str = ""

    @property
    def final(self) -> bool:
        """Whether no other will follow."""
        return self.state not in _NOT_FINAL


def receipt_of(message: Message) -> Receipt | None:
    """Read one; None where it names no message."""
    # Only what stands before the message's own words: these may look like anything.
    told = _TEXT.split(message.text, maxsplit=1)[0]
    named = message.optional.get(RECEIPTED_MESSAGE_ID, b"").partition(b"\0")[0]
    message_id = named.decode("ascii", "replace") or _found(_ID, told)
    if not message_id:
        return None
    state = _found(_STATE, told).upper()[:7]
    coded = message.optional.get(MESSAGE_STATE, b"")
    if not state and coded:
        state = _STATES.get(coded[0], "UNKNOWN")
    return Receipt(message_id, state or "UNKNOWN", _found(_ERROR, told), _found(_SUBMITTED, told), _found(_DONE, told))


def outcome_of(receipt: Receipt) -> Delivered | Rejected:
    """The final answer that a receipt is."""
    if receipt.state in {"DELIVRD", "ACCEPTD", "DELIVER"}:
        return Delivered(f"{receipt.state} {receipt.done} {receipt.message_id}")
    told = _REMEDIES.get(receipt.state, _OTHER)
    return Rejected(f"REPORT_{receipt.state}", f"{told} (err:{receipt.error})" if receipt.error else told)


def reference(system_id: str, message_id: str, form: IdForm, submitted: str, today: date) -> str:
    """What a delivery is known by. ``form`` is how this side writes numbers: makers answer in hex and report in decimal.

    Numbers may come again after a year, so the year of submission counts; where a receipt does not say it, this year's.
    """
    written = message_id.strip()
    try:
        known = written if form == "text" else str(int(written, 16 if form == "hex" else 10))
    except ValueError:
        known = written
    year = submitted[:4] if len(submitted) > _YEAR_DIGITS else f"20{submitted[:2]}" if submitted else str(today.year)
    return f"{system_id}:{year}:{known}"


def _found(pattern: re.Pattern[bytes], told: bytes) -> str:
    match = pattern.search(told)
    return match[1].decode("ascii") if match else ""
