# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""事项办理地址: where one applies for an item here, written back to the item of the level above."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import Channel
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.catalogue.item_directory import ItemVersion
from contracts.families.fields import Department, Item, Line20, Moment, Region, says
from contracts.text import Text

WebAddress = Annotated[str, Field(strict=True, min_length=8, max_length=500, pattern=r"^https?://[!-~]+$")]


class ApplicationAddress(BaseModel):
    """Where one applies, by one way."""

    model_config = STRICT

    channel: Annotated[Channel, says("办理形式", "The way to apply, table A.5")]
    url: Annotated[WebAddress, says("办理地址", "The address of the page, in ASCII")]


class ItemAddress(BaseModel):
    """All addresses of one implementation as they are now; they take the place of those said before."""

    model_config = STRICT

    item_code: Annotated[Item, says("实施编码", "Code of the item as implemented; equal to the envelope's subject")]
    basic_code: Annotated[Line20 | None, says("基本编码", "National basic code of the item")] = None
    handling_item_code: Annotated[
        Item | None, says("业务办理项编码", "Code of the handling item, where this is one of several")
    ] = None
    item_version: Annotated[
        ItemVersion | None, says("事项版本", "The version of the item for which the pages were made")
    ] = None
    region_code: Annotated[Region, says("行政区划代码", "Administrative division whose pages they are")]
    department_code: Annotated[Department | None, says("实施主体代码", "Code of the department")] = None
    addresses: Annotated[
        tuple[ApplicationAddress, ...],
        Field(max_length=20),
        says("办理地址", "Where one applies; empty: nowhere online any more"),
    ]
    changed_at: Annotated[Moment, says("变更时间", "From when on this holds")]


_VALID = {
    "item_code": "1151050200000000084000131014000",
    "region_code": "510502",
    "addresses": [{"channel": "2", "url": "https://apply.example.gov.cn/items/000131014000"}],
    "changed_at": "2026-03-02T09:00:00+08:00",
}
_FULL = but(
    _VALID,
    basic_code="000131014000",
    handling_item_code="115105020000000008400013101400001",
    item_version=2,
    department_code="115105020000000008",
    addresses=[
        {"channel": "2", "url": "https://apply.example.gov.cn/items/000131014000"},
        {"channel": "3", "url": "https://m.example.gov.cn/a?item=000131014000"},
    ],
)

CONTRACT = Contract(
    type="cn.gov.item.address",
    version=1,
    title=Text("事项办理地址", "Item addresses"),
    meaning=Text(
        "本地一个事项的网上办理地址，回写到上级的事项。",
        "Where one applies for an item here, written back to the item of the level above.",
    ),
    model=ItemAddress,
    subject="item_code",
    examples=(
        Example("一个地址 / one address", _VALID),
        Example("字段齐全 / every field", _FULL),
        Example("不再网上办理 / nowhere online any more", but(_VALID, addresses=[])),
        Example(
            "不是网址，没有办理形式 / no web address, no way to apply",
            but(_VALID, addresses=[{"url": "javascript:alert(1)"}]),
            valid=False,
            expect=(("E_V_MISSING", "$.data.addresses[0].channel"), ("E_V_FORMAT", "$.data.addresses[0].url")),
        ),
        Example(
            "没有变更时间 / no moment of the change",
            but(_VALID, drop=("changed_at",)),
            valid=False,
            expect=(("E_V_MISSING", "$.data.changed_at"),),
        ),
        Example(
            "未知的办理形式，版本从一起 / an unknown way to apply, versions begin with one",
            but(_VALID, item_version=0, addresses=[{"channel": "7", "url": "https://apply.example.gov.cn/"}]),
            valid=False,
            expect=(("E_V_CODE", "$.data.addresses[0].channel"), ("E_V_RANGE", "$.data.item_version")),
        ),
    ),
)
