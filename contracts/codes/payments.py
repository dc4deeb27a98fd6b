# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of fees. 缴费."""

from contracts.codes.code import Code


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
