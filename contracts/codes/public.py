# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of what people ask, book and prove about themselves. 咨询、预约、身份."""

from contracts.codes.code import Code


class InquiryKind(Code):
    """咨询投诉建议类型."""

    CONSULTATION = "consultation", "咨询", "consultation"
    COMPLAINT = "complaint", "投诉", "complaint"
    SUGGESTION = "suggestion", "建议", "suggestion"


class InquiryOutcome(Code):
    """咨询投诉建议处理结果."""

    ANSWERED = "answered", "已答复", "answered"
    EXTENDED = "extended", "延期答复", "to be answered later"


class AppointmentState(Code):
    """预约状态."""

    BOOKED = "booked", "已预约", "booked"
    CHANGED = "changed", "已改期", "moved to another time"
    CANCELLED = "cancelled", "已取消", "cancelled"
    HONOURED = "honoured", "已履约", "the visitor came"
    MISSED = "missed", "爽约", "the visitor did not come"


class RealNameLevel(Code):
    """实名认证等级."""

    NONE = "none", "未实名", "not verified"
    REAL_NAME = "real_name", "实名", "name and document number are those of one person"
    REAL_PERSON = "real_person", "实人", "the person present is the holder of the document"


class IdentityMethod(Code):
    """身份核验方式."""

    ID_CARD = "id_card", "身份证", "ID card"
    MOBILE = "mobile", "手机", "mobile number"
    SOCIAL_SECURITY = "social_security", "社会保障卡", "social security card"
    BANK_CARD = "bank_card", "银行卡", "bank card"
    HOUSING_FUND = "housing_fund", "公积金账号", "housing fund account"
    DRIVING_LICENCE = "driving_licence", "驾驶证", "driving licence"
    FACE = "face", "人脸识别", "face recognition"
    WINDOW = "window", "窗口核验", "seen at a window"
    CERTIFICATE = "certificate", "数字证书", "digital certificate"
    BUSINESS_LICENCE = "business_licence", "电子营业执照", "electronic business licence"
    OTHER = "other", "其他", "other"


class LegalPersonRole(Code):
    """办事人与法人的关系."""

    REPRESENTATIVE = "representative", "法定代表人", "legal representative"
    AGENT = "agent", "经办人", "authorised agent"
