# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A status report (状态报告): what became of one part of a message at one number. Pure. CMPP V3.0.0 (QB-GF-028-2003), 7.4.5.1.

Version 3 has 71 octets, version 2 has 60; gateways send either on either, so the length decides.
"""

import re
import struct
from dataclasses import dataclass, field
from typing import Final

from connectors.sdk import Delivered, Rejected

_LAYOUTS: Final = tuple(struct.Struct(f"!Q7s10s10s{width}sI") for width in (21, 32))
_STATE = re.compile(r"[A-Za-z0-9:_-]{1,7}")

SHORT_BYTES, LONG_BYTES = (layout.size for layout in _LAYOUTS)

_REMEDIES: Final = {
    "EXPIRED": "有效期内未送达，可重发 / not delivered in its time; it can be sent anew",
    "DELETED": "已被网关删除，请询问运营商 / the gateway deleted it; ask the carrier",
    "UNDELIV": "无法送达，请核对号码是否停机、空号 / it cannot be delivered; see whether the number is in use",
    "UNKNOWN": "网关不知其结果，请询问运营商 / the gateway does not know what became of it; ask the carrier",
    "REJECTD": "被拒绝，请核对内容、签名与黑名单 / it was rejected; see to text, signature and blocking lists",
}
_OTHER = "运营商内部代码，请询问运营商 / a code of the carrier's own; ask the carrier"


@dataclass(frozen=True, slots=True)
class Report:
    """``state`` is the carrier's word; ``submitted`` and ``done`` are YYMMDDHHMM as written."""

    msg_id: int
    state: str
    submitted: str
    done: str
    number: str = field(repr=False)
    smsc_sequence: int = 0


def report_of(content: bytes) -> Report | None:
    """Read one; None when it is none. A state that is no word shows as ``UNKNOWN``."""
    layout = next((one for one in _LAYOUTS if one.size == len(content)), None)
    if layout is None:
        return None
    msg_id, state, submitted, done, number, sequence = layout.unpack(content)
    said = _text(state)
    return Report(
        msg_id,
        said if _STATE.fullmatch(said) else "UNKNOWN",
        _text(submitted),
        _text(done),
        _text(number),
        sequence,
    )


def written(report: Report, octets: int = LONG_BYTES) -> bytes:
    """The octets of a report, as a gateway writes them; ``octets`` is one of the two lengths."""
    layout = next(one for one in _LAYOUTS if one.size == octets)
    texts = (one.encode("ascii") for one in (report.state, report.submitted, report.done, report.number))
    return layout.pack(report.msg_id, *texts, report.smsc_sequence)


def outcome_of(report: Report) -> Delivered | Rejected:
    """The final answer that a report is. ``ACCEPTD`` is one: somebody took it for the recipient."""
    if report.state in {"DELIVRD", "ACCEPTD"}:
        return Delivered(f"{report.state} {report.done} {report.msg_id:016x}")
    code = f"REPORT_{report.state.upper().replace(':', '_')}"
    return Rejected(code, _REMEDIES.get(report.state, _OTHER))


def _text(octets: bytes) -> str:
    return octets.partition(b"\0")[0].decode("ascii", "replace").strip()
