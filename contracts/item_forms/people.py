# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Personal data in a form's schema: marked where it stands, and missed where the field's name speaks of people."""

import re

from contracts.item_forms.faults import Desk
from contracts.item_forms.references import everything
from contracts.item_forms.shape import ELEMENTS, Field, Node, Place, fields
from contracts.personal import PersonalClass
from contracts.text import Text

NONE = "none"
"""Said of a field that looks personal and is not: the address of a shop."""

_MARKS = (*PersonalClass, NONE)
_TITLES: tuple[tuple[PersonalClass, re.Pattern[str]], ...] = (
    (PersonalClass.ID_NUMBER, re.compile("身份证|证件号|公民身份号码|护照号|社会保障号|社保卡号|银行账号|银行卡号|残疾人证号")),
    (PersonalClass.PHONE, re.compile("电话|手机|联系方式|传真|邮箱|微信")),
    (PersonalClass.ADDRESS, re.compile("地址|住址|住所|户籍|现居住地|坐落")),
    (
        PersonalClass.NAME,
        re.compile(
            "姓名|联系人|法定代表人|负责人$|经办人|申请人$|代理人|监护人|配偶$|投资人$|权利人$|义务人$|收件人|办理人|核查员|检查员|户主"
        ),
    ),
)  # fmt: skip
_NAMES: tuple[tuple[PersonalClass, re.Pattern[str]], ...] = (
    (
        PersonalClass.ID_NUMBER,
        re.compile(r"(id_?(number|no|card)|passport(_no)?|bank_(account|card)\w*)$", re.IGNORECASE),
    ),
    (PersonalClass.PHONE, re.compile(r"(phone|mobile|tel|fax|e?mail|wechat)$", re.IGNORECASE)),
    (PersonalClass.ADDRESS, re.compile(r"(address|residence|domicile)$", re.IGNORECASE)),
    (
        PersonalClass.NAME,
        re.compile(
            r"(person|applicant|spouse|guardian|handler|contact|agent|owner|holder|representative)(_name)?$",
            re.IGNORECASE,
        ),
    ),
)


def check_people(desk: Desk, schema: Node) -> None:
    """Every mark is one that is known, and no field that speaks of people goes unmarked."""
    for place, node in everything(schema):
        if "x-personal" in node and node["x-personal"] not in _MARKS:
            desk.fault("FORM_PERSONAL_CLASS", (*place, "x-personal"), _CLASS)
    if desk.broken():
        return
    seen = set[Place]()
    covered = set[tuple[str, ...]]()
    for field in fields(schema):
        mark = field.get("x-personal")
        if mark is not None:
            covered |= set() if mark == NONE else {field.way}
        elif any(field.way[:depth] in covered for depth in range(len(field.way))):
            continue  # the object around it is personal as a whole
        elif field.place not in seen and (meant := spoken_of(field)) is not None:
            seen.add(field.place)
            problem = Text(
                "字段名称涉及个人，却没有标注个人信息类别。", "The field speaks of people and carries no class."
            )
            remedy = Text(
                f"请写 x-personal: {meant}；确非个人信息时写 x-personal: {NONE}。",
                f"Write x-personal: {meant}, or x-personal: {NONE} if it is not personal.",
            )
            desk.fault("FORM_PERSONAL_MISSING", field.place, (problem, remedy), at_key=True)


def spoken_of(field: Field) -> PersonalClass | None:
    """The class that a text field's title or name suggests."""
    if "string" not in field.types or field.get("enum") is not None or field.get("format") in {"date", "date-time"}:
        return None
    title = str(field.get("title") or "")
    name = next((step for step in reversed(field.way) if step != ELEMENTS), "")
    by_title = (kind for kind, words in _TITLES if words.search(title))
    by_name = (kind for kind, words in _NAMES if words.search(name))
    return next(by_title, None) or next(by_name, None)


_CLASS = (
    Text("没有这个个人信息类别。", "There is no such class of personal data."),
    Text(f"可写：{'、'.join(_MARKS)}。", f"One of {', '.join(_MARKS)}."),
)
