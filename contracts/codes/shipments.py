# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of parcels. 寄递."""

from contracts.codes.code import Code


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
