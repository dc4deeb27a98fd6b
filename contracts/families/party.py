# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The people and organisations of a case."""

from typing import Annotated

from pydantic import BaseModel

from contracts.codes import ApplicantType
from contracts.families.case_record import STRICT
from contracts.families.fields import IdNumber, IdType, Line20, Line30, Line100, Postcode, says
from contracts.personal import PersonalClass


class Applicant(BaseModel):
    """申请者, GB/T 39046-2020 table 5."""

    model_config = STRICT

    type: Annotated[ApplicantType, says("申请者类型", "What kind of person or body applies")]
    name: Annotated[Line100, says("申请者名称", "Name of the applicant"), PersonalClass.NAME]
    id_type: Annotated[
        IdType, says("申请者证件类型代码", "Document type, 3 digits (GA/T 2000.156; 111 is the ID card)")
    ]
    id_number: Annotated[IdNumber, says("申请者证件号码", "Document number"), PersonalClass.ID_NUMBER]
    legal_representative: Annotated[
        Line30 | None, says("法定代表人", "Legal representative of a body"), PersonalClass.NAME
    ] = None
    phone: Annotated[Line20 | None, says("申请者电话", "Telephone of the applicant"), PersonalClass.PHONE] = None
    postcode: Annotated[Postcode | None, says("邮政编码", "Postcode")] = None
    address: Annotated[Line100 | None, says("通讯地址", "Postal address"), PersonalClass.ADDRESS] = None


class Contact(BaseModel):
    """联系人或代理人, GB/T 39046-2020 table 5."""

    model_config = STRICT

    name: Annotated[Line30, says("联系人姓名", "Name of the contact or agent"), PersonalClass.NAME]
    id_type: Annotated[IdType | None, says("联系人证件类型代码", "Document type of the contact, 3 digits")] = None
    id_number: Annotated[
        IdNumber | None, says("联系人证件号码", "Document number of the contact"), PersonalClass.ID_NUMBER
    ] = None
    mobile: Annotated[Line20 | None, says("联系人手机", "Mobile number of the contact"), PersonalClass.PHONE] = None
