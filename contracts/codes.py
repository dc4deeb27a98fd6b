# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Code lists. Where GB/T 39046-2020 gives a code, its code is the canonical one; elsewhere a word is.

Sites use other codes for the same facts, and the same code for other facts. Mapping those is a matter of each adapter's
configuration; nothing here is ever compared with what a site sent.
"""

from enum import StrEnum
from typing import Self

from contracts.text import Text


class Code(StrEnum):
    """A code list: each member is the string that stands in canonical JSON, and has a ``text``."""

    text: Text

    def __new__(cls, value: str, zh: str, en: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = Text(zh, en)
        return member


class ItemType(Code):
    """事项类型, GB/T 39046-2020 table A.1."""

    POWER = "00", "行政权力", "administrative power"
    LICENSING = "01", "行政许可", "licensing"
    PENALTY = "02", "行政处罚", "penalty"
    COERCION = "03", "行政强制", "coercive measure"
    LEVY = "04", "行政征收", "levy"
    PAYMENT = "05", "行政给付", "payment"
    INSPECTION = "06", "行政检查", "inspection"
    CONFIRMATION = "07", "行政确认", "confirmation"
    REWARD = "08", "行政奖励", "reward"
    RULING = "09", "行政裁决", "ruling"
    OTHER = "10", "其他", "other"
    PUBLIC_SERVICE = "20", "公共服务", "public service"


class ExerciseLevel(Code):
    """行使层级, GB/T 39046-2020 table A.2."""

    NATIONAL = "1", "国家级", "national"
    PROVINCE = "2", "省级", "province"
    CITY = "3", "市级", "city"
    COUNTY = "4", "县级", "county"
    TOWNSHIP = "5", "镇（乡、街道）级", "township"
    VILLAGE = "6", "村（社区）级", "village"
    GRADED = "7", "分级管理", "graded"


class OrganisationNature(Code):
    """实施主体性质, GB/T 39046-2020 table A.3."""

    STATUTORY = "1", "法定机关", "statutory body"
    AUTHORISED = "2", "授权组织", "authorised body"
    ENTRUSTED = "3", "受委托组织", "entrusted body"
    OTHER = "9", "其他", "other"


class ApplicantType(Code):
    """服务对象, GB/T 39046-2020 table A.4."""

    NATURAL_PERSON = "1", "自然人", "natural person"
    ENTERPRISE = "2", "企业法人", "enterprise"
    PUBLIC_INSTITUTION = "3", "事业法人", "public institution"
    SOCIAL_ORGANISATION = "4", "社会组织法人", "social organisation"
    ADMINISTRATIVE_BODY = "5", "行政机关", "administrative body"
    OTHER = "6", "其他组织", "other organisation"


class Channel(Code):
    """办理形式、申报来源, GB/T 39046-2020 table A.5."""

    WINDOW = "1", "窗口", "service window"
    DESKTOP = "2", "电脑端", "computer"
    MOBILE = "3", "移动端", "mobile device"
    COURIER = "4", "快递", "courier"
    OTHER = "9", "其他", "other"


class CaseType(Code):
    """办件类型, GB/T 39046-2020 table A.6."""

    IMMEDIATE = "1", "即办件", "done at once"
    PROMISED = "2", "承诺件", "done by a promised date"
    OTHER = "9", "其他", "other"


class SpecialProcedure(Code):
    """特别程序种类, GB/T 39046-2020 table A.7."""

    EXTENSION = "1", "延长审批", "extension of the period"
    OTHER = "2", "除延长审批之外的特别程序", "any other special procedure"


class Satisfaction(Code):
    """满意度, GB/T 39046-2020 table A.8: 1 is the best. The national rating interface counts the other way round."""

    VERY_SATISFIED = "1", "非常满意", "very satisfied"
    SATISFIED = "2", "满意", "satisfied"
    FAIRLY_SATISFIED = "3", "基本满意", "fairly satisfied"
    DISSATISFIED = "4", "不满意", "dissatisfied"
    VERY_DISSATISFIED = "5", "非常不满意", "very dissatisfied"


class StepStatus(Code):
    """环节办理状态, GB/T 39046-2020 table 7."""

    WAITING = "1", "待办", "waiting"
    DONE = "2", "已办", "done"


class StepAction(Code):
    """业务动作, GB/T 39046-2020 table 7, which names them without codes."""

    PASSED = "passed", "通过", "passed"
    RETURNED = "returned", "退回", "returned"
    OTHER = "other", "其他", "other"


class PrereviewDecision(Code):
    """预审（预受理）结论."""

    PASSED = "passed", "通过", "passed"
    REFUSED = "refused", "不予受理", "refused"
    CORRECTION = "correction", "补交补正", "to be corrected"


class AcceptanceDecision(Code):
    """受理结论."""

    ACCEPTED = "accepted", "受理", "accepted"
    REFUSED = "refused", "不予受理", "refused"


class CompletionResult(Code):
    """办结结果."""

    ISSUED = "issued", "出证办结", "closed with a certificate"
    PERMITTED = "permitted", "准予许可", "permitted"
    DENIED = "denied", "不予许可", "denied"
    RETURNED = "returned", "退回办结", "returned to the applicant"
    VOIDED = "voided", "作废办结", "voided"
    DELETED = "deleted", "删除办结", "deleted"
    TRANSFERRED = "transferred", "转报办结", "passed on to a higher authority"
    LAPSED = "lapsed", "补正不来办结", "lapsed: the correction never came"


class CollectionMethod(Code):
    """领取方式."""

    WINDOW = "window", "窗口领取", "at the window"
    POST = "post", "邮寄送达", "by post"
    ONLINE = "online", "网上下载", "online"
    TERMINAL = "terminal", "自助终端", "at a self-service terminal"
    OTHER = "other", "其他", "other"


class PeriodUnit(Code):
    """时限单位."""

    WORKING_DAY = "working_day", "工作日", "working days"
    DAY = "day", "自然日", "calendar days"


class Rating(Code):
    """满意度 as the national rating interface asks for it. It counts 1 for the worst and 5 for the best, the reverse of
    :class:`Satisfaction`; a word cannot be mistaken for either number.
    """

    VERY_DISSATISFIED = "very_dissatisfied", "非常不满意（国家接口代码 1）", "very dissatisfied (1 nationally)"
    DISSATISFIED = "dissatisfied", "不满意（国家接口代码 2）", "dissatisfied (2 nationally)"
    FAIRLY_SATISFIED = "fairly_satisfied", "基本满意（国家接口代码 3）", "fairly satisfied (3 nationally)"
    SATISFIED = "satisfied", "满意（国家接口代码 4）", "satisfied (4 nationally)"
    VERY_SATISFIED = "very_satisfied", "非常满意（国家接口代码 5）", "very satisfied (5 nationally)"


class RatingPlatform(Code):
    """评价渠道 (pf) of the national rating interface, in its order 1 to 7."""

    DESKTOP = "desktop", "电脑端", "computer"
    MOBILE = "mobile", "移动端", "mobile device"
    QR_CODE = "qr_code", "二维码", "QR code"
    TABLET = "tablet", "平板电脑", "tablet"
    HALL = "hall", "大厅其他", "another device of the hall"
    SMS = "sms", "短信", "text message"
    SYSTEM_DEFAULT = "system_default", "系统默认", "filled in by a system"


class RatingGiver(Code):
    """评价来源: whether anybody rated at all."""

    PERSON = "person", "办事人本人评价", "a person rated"
    SYSTEM_DEFAULT = "system_default", "系统默认，无人评价", "nobody rated; a system filled it in"


class EvaluatorType(Code):
    """评价人类型 (userProp) of the national rating interface, whose digits 5 and 6 differ from GB/T 39046 table A.4."""

    NATURAL_PERSON = "natural_person", "自然人", "natural person"
    ENTERPRISE = "enterprise", "企业法人", "enterprise"
    PUBLIC_INSTITUTION = "public_institution", "事业法人", "public institution"
    SOCIAL_ORGANISATION = "social_organisation", "社会组织法人", "social organisation"
    UNINCORPORATED = "unincorporated", "非法人组织", "unincorporated body"
    ADMINISTRATIVE_BODY = "administrative_body", "行政机关", "administrative body"
    OTHER = "other", "其他", "other"


class CaseProgress(Code):
    """办件状态 (proStatus) of the national rating interface, in its order 1 to 3."""

    WAITING = "waiting", "待受理", "waiting for acceptance"
    HANDLING = "handling", "办理中", "being handled"
    COMPLETED = "completed", "已办结", "completed"


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


class ItemStatus(Code):
    """事项状态."""

    IN_FORCE = "in_force", "现行有效", "in force"
    CHANGED = "changed", "变更，取代前一版本", "changed, in place of the version before"
    WITHDRAWN = "withdrawn", "取消", "withdrawn"


class HandlingScope(Code):
    """通办范围, GB/T 39046-2020 table 4, which gives no code table."""

    NATION = "nation", "全国通办", "anywhere in the country"
    PROVINCE = "province", "全省通办", "anywhere in the province"
    CITY = "city", "全市通办", "anywhere in the city"
    COUNTY = "county", "全县（区）通办", "anywhere in the county"
    NONE = "none", "不通办", "only where the department is"


class ProjectType(Code):
    """投资项目管理类型."""

    APPROVAL = "approval", "审批", "government investment, approved"
    RATIFICATION = "ratification", "核准", "enterprise investment, ratified"
    FILING = "filing", "备案", "enterprise investment, put on file"


class ProjectStage(Code):
    """工程建设项目审批阶段: the four stages of 国办发〔2019〕11号."""

    LAND = "land", "立项用地规划许可", "project, land use and planning"
    DESIGN = "design", "工程建设许可", "construction design"
    BUILDING = "building", "施工许可", "building"
    ACCEPTANCE = "acceptance", "竣工验收", "acceptance of the finished works"


class ProjectState(Code):
    """投资项目状态."""

    REGISTERED = "registered", "已赋码", "registered, code given"
    HANDLING = "handling", "办理中", "being handled"
    APPROVED = "approved", "已审批、核准或备案", "approved, ratified or on file"
    CHANGED = "changed", "已变更", "changed"
    VOIDED = "voided", "已作废", "voided"


class WarningSeverity(Code):
    """预警级别. GB/T 39046-2020 table 11 has a code for the kind of a warning and no list of such codes."""

    NOTICE = "notice", "提醒", "notice"
    YELLOW = "yellow", "黄牌", "yellow card"
    RED = "red", "红牌", "red card"


class WarningTrigger(Code):
    """预警依据: which of a case's times has come, or something else."""

    WARNING_TIME = "warning_time", "预警时间", "the time set for a warning"
    PROMISED_TIME = "promised_time", "承诺时间", "the promised time"
    STATUTORY_TIME = "statutory_time", "法定时间", "the statutory time"
    OTHER = "other", "其他", "something other than time"


class SupervisedRole(Code):
    """督办对象: whom a supervise order is addressed to, by role."""

    STAGE_CHIEF = "stage_chief", "环节首席代表", "chief representative of the stage"
    ITEM_CHIEF = "item_chief", "事项首席代表", "chief representative of the item"
    HANDLER = "handler", "具体负责人", "officer in charge"


class PublishedDecision(Code):
    """双公示类别: the two kinds of decision that are published."""

    LICENSING = "licensing", "行政许可", "administrative licensing"
    PENALTY = "penalty", "行政处罚", "administrative penalty"


class LicensingKind(Code):
    """许可类别, the kinds of the credit platforms' tables (XK_XKLB)."""

    ORDINARY = "ordinary", "普通", "ordinary"
    FRANCHISE = "franchise", "特许", "franchise"
    RECOGNITION = "recognition", "认可", "recognition"
    APPROVAL = "approval", "核准", "approval"
    REGISTRATION = "registration", "登记", "registration"
    OTHER = "other", "其他", "other"


class Validity(Code):
    """有效期: whether it ends."""

    UNTIL = "until", "有截止日期", "until a day"
    LONG_TERM = "long_term", "长期", "without an end"


class ReconcilingSide(Code):
    """对账一方: which end of the exchange speaks."""

    SENDER = "sender", "发送方", "the system that sent the messages"
    RECEIVER = "receiver", "接收方", "the system that received them"


class ReconcilingClock(Code):
    """对账时间依据: which of a message's times decides whether it belongs to a period."""

    SENT = "sent", "消息时间", "the envelope's time, as the sender wrote it"
    ACCEPTED = "accepted", "接收时间", "the time in the receiver's receipt"


class DigestScope(Code):
    """摘要范围: what a message's digest was computed over."""

    CONTENT = "content", "消息内容", "all the message says, whatever its encoding"
    OCTETS = "octets", "原始字节", "the bytes as they were exchanged"


class ReconcilingVerdict(Code):
    """对账结论."""

    AGREED = "agreed", "一致", "both sides have the same"
    DIFFERS = "differs", "不一致", "they differ as listed"
    LIST_WANTED = "list_wanted", "需要明细", "counts or digests differ; the list is needed"


class ReconcilingFinding(Code):
    """单条对账结果, seen from the side that answers."""

    MATCHED = "matched", "相符", "both sides have it, and it is the same"
    MISSING_HERE = "missing_here", "本方缺少", "it is in the manifest and not here"
    MISSING_THERE = "missing_there", "对方缺少", "it is here and not in the manifest"
    DIFFERS = "differs", "内容不同", "both sides have it, with different digests"


class MaterialStage(Code):
    """材料所属阶段."""

    APPLICATION = "application", "申报", "application"
    ACCEPTANCE = "acceptance", "受理", "acceptance"
    REVIEW = "review", "审批", "review"
    COMPLETION = "completion", "办结", "completion"
    COLLECTION = "collection", "送达", "collection"


class ConsultationKind(Code):
    """征求意见的方式."""

    OPINION = "opinion", "征求意见", "asking for an opinion"
    PARALLEL = "parallel", "并联审批", "parallel approval"
    COUNTERSIGN = "countersign", "会签", "countersigning"


class ConsultationStage(Code):
    """征求意见所在阶段."""

    PREREVIEW = "prereview", "预审", "prereview"
    CORRECTION = "correction", "补正", "correction"
    ACCEPTANCE = "acceptance", "受理", "acceptance"
    REVIEW = "review", "审理", "review"


class OpinionKind(Code):
    """意见."""

    AGREE = "agree", "同意", "agree"
    CONDITIONS = "conditions", "有条件同意", "agree with conditions"
    OBJECT = "object", "不同意", "object"
    NONE = "none", "无意见", "no opinion"


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


class FeeNoticeStatus(Code):
    """缴款通知状态."""

    ISSUED = "issued", "开具", "to be paid"
    WITHDRAWN = "withdrawn", "作废", "withdrawn"


class PaymentKind(Code):
    """收退类型."""

    RECEIVED = "received", "到账", "money received"
    REFUNDED = "refunded", "退付", "money paid back"


class PaymentChannel(Code):
    """缴款渠道."""

    ONLINE = "online", "网上支付", "online"
    BANK = "bank", "银行窗口", "at a bank"
    WINDOW = "window", "大厅窗口", "at the service window"
    TERMINAL = "terminal", "自助终端", "at a self-service terminal"
    TRANSFER = "transfer", "转账", "by transfer"
    OTHER = "other", "其他", "other"


class SealStructure(Code):
    """电子签章的数据结构."""

    SES_V1 = "ses_v1", "GM/T 0031-2014 签章（第 1 版）", "SES version 1, GM/T 0031-2014"
    SES_V4 = "ses_v4", "GB/T 38540-2020 签章（第 4 版）", "SES version 4, GB/T 38540-2020"
    SES_V5 = "ses_v5", "GM/T 0031-2025 签章（第 5 版）", "SES version 5, GM/T 0031-2025"
    PADES = "pades", "PDF 签名（PAdES）", "PAdES, a signature inside the PDF"


class SealResult(Code):
    """用印结果."""

    DONE = "done", "已用印", "sealed"
    REFUSED = "refused", "拒绝用印", "refused by the signer"
    WITHDRAWN = "withdrawn", "已撤销", "withdrawn by the requester"
    EXPIRED = "expired", "逾期未用印", "not sealed in time"
    FAILED = "failed", "用印失败", "failed"


class NoticeClass(Code):
    """通知类别."""

    URGENT = "urgent", "紧急", "urgent, such as one-time passwords and queue calls"
    CASE = "case", "办件", "about the course of a case"
    BULK = "bulk", "批量", "to many, and in no hurry"


class NoticeChannel(Code):
    """通知渠道."""

    SMS = "sms", "短信", "text message"
    MAIL = "mail", "电子邮件", "e-mail"
    INSTANT = "instant", "即时消息", "instant message"
    VOICE = "voice", "电话语音", "voice call"
    WEBHOOK = "webhook", "系统回调", "call to a registered system"


class QuietHours(Code):
    """免打扰时段内的处理."""

    WAIT = "wait", "顺延至时段结束", "wait until the quiet hours are over"
    SEND = "send", "照常发送", "send all the same"


class NoticeReportKind(Code):
    """通知回报种类."""

    STATUS = "status", "发送状态", "what became of a notice"
    REPLY = "reply", "上行回复", "what a recipient sent back"


class NoticeStatus(Code):
    """通知发送状态, one for one what gateways report by CMPP 3.0."""

    ACCEPTED = "accepted", "网关已接收", "taken by the gateway, not delivered yet"
    DELIVERED = "delivered", "已送达", "delivered"
    UNDELIVERABLE = "undeliverable", "无法送达", "cannot be delivered"
    EXPIRED = "expired", "逾期未送达", "not delivered in time"
    DELETED = "deleted", "已被删除", "deleted on the way"
    REJECTED = "rejected", "被拒绝", "rejected"
    UNKNOWN = "unknown", "状态未知", "not known"


class ShipmentDirection(Code):
    """寄递方向."""

    TO_HALL = "to_hall", "申请人寄往大厅", "from the applicant to the hall"
    TO_APPLICANT = "to_applicant", "大厅寄往申请人", "from the hall to the applicant"


class ShipmentOrderStatus(Code):
    """寄递订单状态."""

    ORDERED = "ordered", "下单", "ordered"
    CANCELLED = "cancelled", "取消", "cancelled"


class ApplicantSide(Code):
    """寄递中申请人一方的身份."""

    APPLICANT = "applicant", "申请人", "the applicant"
    AGENT = "agent", "代理人", "the applicant's agent"


class Carrier(Code):
    """承运企业."""

    EMS = "ems", "邮政 EMS", "China Post EMS"
    SF = "sf", "顺丰", "SF Express"
    OTHER = "other", "其他", "other"


class PostagePayer(Code):
    """邮资支付方."""

    CONSIGNOR = "consignor", "寄付", "the consignor"
    CONSIGNEE = "consignee", "到付", "the consignee"


class ShipmentStatus(Code):
    """物流状态."""

    PICKED_UP = "picked_up", "收寄", "picked up"
    IN_TRANSIT = "in_transit", "运输中", "in transit"
    OUT_FOR_DELIVERY = "out_for_delivery", "派送中", "out for delivery"
    DELIVERED = "delivered", "签收", "signed for"
    NOT_DELIVERED = "not_delivered", "未妥投", "could not be delivered"
    RETURNING = "returning", "退回中", "on the way back"
    RETURNED = "returned", "已退回", "returned"
    CANCELLED = "cancelled", "已取消", "cancelled before pick-up"
    PROBLEM = "problem", "异常", "a problem"
    OTHER = "other", "其他", "other"
