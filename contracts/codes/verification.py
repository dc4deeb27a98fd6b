# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of asking a register whether something is so. 核验."""

from contracts.codes.code import Code


class VerificationKind(Code):
    """核验种类: what a verification asks about."""

    POPULATION = "population", "人口信息", "a natural person in the population register"
    LEGAL_PERSON = "legal_person", "法人信息", "a body in the register of legal persons"
    LICENCE = "licence", "证照信息", "a licence or certificate"
    BANK_CARD = "bank_card", "银行卡", "a bank card"
    SOCIAL_SECURITY = "social_security", "社保卡", "a social security card"
    HOUSING_FUND = "housing_fund", "公积金账户", "a housing fund account"
    DRIVING_LICENCE = "driving_licence", "驾驶证", "a driving licence"
    MOBILE = "mobile", "手机号码", "a mobile number"
    CREDIT = "credit", "信用信息", "a credit record"
    PLACE = "place", "地理空间信息", "a place in the spatial register"


class VerifiedField(Code):
    """核验项: a fact that may be compared with what a register holds."""

    NAME = "name", "姓名或名称", "name of the person or body"
    LEGAL_REPRESENTATIVE = "legal_representative", "法定代表人", "legal representative"
    ADDRESS = "address", "住所或地址", "address"
    MOBILE_NO = "mobile_no", "手机号码", "mobile number"
    BANK_CARD_NO = "bank_card_no", "银行卡号", "number of the bank card"
    SOCIAL_SECURITY_NO = "social_security_no", "社会保障卡号", "number of the social security card"
    HOUSING_FUND_NO = "housing_fund_no", "公积金账号", "number of the housing fund account"
    DRIVING_LICENCE_NO = "driving_licence_no", "驾驶证号", "number of the driving licence"
    LICENCE_NAME = "licence_name", "证照名称", "name of the licence"
    LICENCE_HOLDER = "licence_holder", "证照持有者", "holder of the licence"
    VALID_UNTIL = "valid_until", "有效期截止日期", "last day of validity"
    STATUS = "status", "登记或证照状态", "status of the registration or licence"


class VerificationResult(Code):
    """核验结果."""

    MATCHED = "matched", "一致", "everything asked matches"
    PARTLY_MATCHED = "partly_matched", "部分一致", "some of it matches"
    NOT_MATCHED = "not_matched", "不一致", "nothing of it matches"
    NOT_FOUND = "not_found", "查无记录", "there is no such record"
    UNAVAILABLE = "unavailable", "无法核验", "the register could not be asked"


class FieldVerdict(Code):
    """单项核验结果."""

    MATCHED = "matched", "一致", "matches"
    NOT_MATCHED = "not_matched", "不一致", "does not match"
    NOT_HELD = "not_held", "核验源无此项", "the register does not hold it"
