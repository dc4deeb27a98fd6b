# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every stable code of something wrong in data, as :mod:`contracts.refusal_codes` has those of whole refusals."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.text import Text

_VIOLATIONS = {
    "E_V_MISSING": Text("缺少必填项", "A required field is missing"),
    "E_V_TYPE": Text("类型不对", "The value has the wrong type"),
    "E_V_LENGTH": Text("长度或数量超出范围", "Length or count out of range"),
    "E_V_FORM_UNKNOWN": Text("该事项没有注册表单", "No form is registered for the item"),
    "E_V_FORM_VERSION": Text("没有注册该表单版本", "This version of the form is not registered"),
    "E_V_RANGE": Text("数值超出范围", "The number is out of range"),
    "E_V_CODE": Text("不在代码表中", "The value is not in its code list"),
    "E_V_FORMAT": Text("格式不对", "The value has the wrong form"),
    "E_V_CHARACTER": Text("含有无法表示的字符", "A character cannot be expressed"),
    "E_V_UNKNOWN_FIELD": Text("契约中没有该字段", "The contract has no such field"),
    "E_V_RULE": Text("违反字段之间的规则", "A rule between fields is broken"),
    "E_V_LIFECYCLE": Text("不符合办件的进程", "It does not fit the life of the case"),
    "E_V_CASE_MISMATCH": Text("办件编号与信封不一致", "The case number differs from the envelope"),
}

VIOLATION_CODES: Mapping[str, Text] = MappingProxyType(_VIOLATIONS)
"""The codes of a :class:`contracts.refusal.Violation` in data; one in an envelope carries a code of
:data:`contracts.refusal_codes.CODES`."""
