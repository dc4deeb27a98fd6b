# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a supervision platform issues, word by word, and how it writes it: as XML, and as rows. Pure."""

from collections.abc import Mapping
from typing import Final

import orjson

from connectors.sdk.simulator import Word
from contracts.xml.text import escaped

WARNING, ORDER = "YJXX", "DBXX"
"""The roots of the XML documents."""

_DEPARTMENT: Final = "示例区市场监督管理局（测试）"
_CODE: Final = "115105020000000008"
_SUPERVISOR: Final = "示例监察机构（测试）"


class Step(Word):
    """What is issued next."""

    WARN = "warn", "一条预警", "a warning"
    ORDER = "order", "一条督办", "a supervise order"
    AGAIN = "again", "最近一条原样再发", "the last one again, as it was"
    LOST = (
        "lost",
        "一条督办，回执丢失，于是原样再发",
        "an order whose acknowledgement is lost, so that it is sent again",
    )
    ALTERED = "altered", "最近一条编号不变而内容已改", "the last one again: the same number, other content"
    GARBAGE = "garbage", "一条预警，级别代码无人认识", "a warning with a level that nobody knows"


class Taking(Word):
    """What becomes of one record that comes up."""

    OK = "ok", "收下", "kept"
    CUT = "cut", "收下，不作答即断开", "kept, and the connection is cut without an answer"
    LOST = "lost", "未收，断开", "not kept, and the connection is cut"
    BUSY = "busy", "未收，HTTP 503", "not kept: HTTP 503"
    REFUSE = "refuse", "不收：代码 422", "never kept: code 422"


def number_of(step: Step, count: int) -> str:
    """The number under which the ``count``-th is issued."""
    return f"{'JC' if kind_of(step) == WARNING else 'DB'}-{count:06}"


def kind_of(step: Step) -> str:
    """Whether a word issues a warning or an order."""
    return WARNING if step in {Step.WARN, Step.GARBAGE} else ORDER


def document(step: Step, number: str, case: str) -> bytes:
    """The XML document of what a word issues."""
    if kind_of(step) == WARNING:
        fields = {
            "BJBH": case,
            "JCBH": number,
            "GZBH": "GZ-003",
            "YJJB": "zz" if step is Step.GARBAGE else "2",
            "YJYJ": "3",
            "SXRQ": "2026-03-16",
            "CQTS": "1",
            "YJNR": "超过法定时限一个工作日未办结",
            "ZRBM": _DEPARTMENT,
            "CSSJ": "2026-03-17 00:00:00",
        }
        inside = _elements(fields)
    else:
        fields = {
            "BJBH": case,
            "DBBH": number,
            "DBNR": "请于期限内办结并说明超期原因",
            "DBJG": _SUPERVISOR,
            "DBSJ": "2026-03-17 09:00:00",
            "DFQX": "2026-03-19 18:00:00",
        }
        inside = _elements(fields) + f"<DBDX>{_elements({'JS': 'item_chief', 'BMDM': _CODE})}</DBDX>"
    root = kind_of(step)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{inside}</{root}>'.encode()


def row(step: Step, number: str, case: str) -> tuple[str, Mapping[str, str]]:
    """The table, and the row of what a word issues."""
    head = {"row_guid": number, "cd_operation": "I", "cd_time": "2026-03-17 09:00:05", "project_no": case}
    if kind_of(step) == WARNING:
        return "dn_jc_warning", {
            **head,
            "warning_no": number,
            "rule_no": "GZ-003",
            "level": "z" if step is Step.GARBAGE else "2",
            "trigger_type": "3",
            "due_date": "2026-03-16",
            "overdue_days": "1",
            "content": "超过法定时限一个工作日未办结",
            "org_name": _DEPARTMENT,
            "found_time": "2026-03-17 00:00:00",
        }
    return "dn_jc_order", {
        **head,
        "order_no": number,
        "content": "请于期限内办结并说明超期原因",
        "supervisor": _SUPERVISOR,
        "addressees": orjson.dumps([{"role": "item_chief", "department_code": _CODE}]).decode(),
        "order_time": "2026-03-17 09:00:00",
        "reply_time": "2026-03-19 18:00:00",
    }


def _elements(fields: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escaped(value)}</{name}>" for name, value in fields.items())
