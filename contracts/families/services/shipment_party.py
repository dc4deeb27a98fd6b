# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Both ends of a shipment, GB/T 39046-2020 table 15."""

from typing import Annotated

from pydantic import BaseModel

from contracts.families.case_record import STRICT
from contracts.families.fields import Line20, Line30, Line100, Line200, Postcode, Region, says
from contracts.personal import PersonalClass


class ShipmentParty(BaseModel):
    """寄件方或收件方."""

    model_config = STRICT

    unit: Annotated[Line100 | None, says("单位名称", "Body at this end")] = None
    name: Annotated[Line30, says("姓名", "Person at this end"), PersonalClass.NAME]
    phone: Annotated[Line20, says("联系电话", "Telephone for the carrier"), PersonalClass.PHONE]
    region_code: Annotated[Region | None, says("所在地行政区划代码", "Administrative division of the address")] = None
    address: Annotated[Line200, says("详细地址", "Postal address"), PersonalClass.ADDRESS]
    postcode: Annotated[Postcode | None, says("邮政编码", "Postcode")] = None
