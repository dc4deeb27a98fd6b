# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of notices to people. 通知."""

from contracts.codes.code import Code


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


class NoticeMoment(Code):
    """通知时点: what of a case, a booking or an account the notice tells of."""

    APPLICATION = "application", "申请", "an application was handed in"
    PREREVIEW = "prereview", "预审", "it was looked through"
    CORRECTION = "correction", "补正", "something is to be supplied"
    ACCEPTANCE = "acceptance", "受理", "it was accepted"
    REFUSAL = "refusal", "不予受理", "it was not accepted"
    SPECIAL = "special", "特别程序", "the clock stands still, or goes on"
    EXTENSION = "extension", "延时", "more time was granted"
    COMPLETION = "completion", "办结", "it was decided"
    COLLECTION = "collection", "领取", "the result can be collected or is on its way"
    APPOINTMENT = "appointment", "预约", "a booking draws near or changed"
    QUEUE = "queue", "叫号", "it is somebody's turn"
    ACCOUNT = "account", "账号", "an account was locked, unlocked or changed"
    PASSWORD = "password", "验证码", "a one-time password"
    EVALUATION = "evaluation", "评价邀请", "an opinion is asked for"
    OTHER = "other", "其他", "something else"


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
