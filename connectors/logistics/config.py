# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one carrier, for orders and for being told of routes."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from connectors.sdk import STRICT, Secret
from connectors.sdk.answers import AnswerWithin
from connectors.sdk.http.egress import Egress
from connectors.sdk.http.fields import AddressTemplate
from connectors.sdk.http.place import Place
from connectors.sdk.http.template import Template
from connectors.sdk.http.tls import TlsConfig

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Member = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
Status = Literal[
    "picked_up",
    "in_transit",
    "out_for_delivery",
    "delivered",
    "not_delivered",
    "returning",
    "returned",
    "cancelled",
    "problem",
    "other",
]


class PartyMap(BaseModel):
    """Where one end of a shipment stands in the message."""

    model_config = STRICT

    name: Template = Field(title="姓名。", description="The person's name.", examples=["{/consignee/name}"])
    phone: Template = Field(title="电话。", description="The telephone.", examples=["{/consignee/phone}"])
    address: Template = Field(title="详细地址。", description="The postal address.", examples=["{/consignee/address}"])
    unit: Template = Field(default="", title="单位。", description="The body, if any.", examples=["{/consignee/unit}"])


def _party(name: str) -> PartyMap:
    return PartyMap(**{part: f"{{/{name}/{part}}}" for part in ("name", "phone", "address", "unit")})


class OrderMap(BaseModel):
    """Where an order stands in the message; as cn.gov.shipment.ordered has it unless said otherwise."""

    model_config = STRICT

    number: Template = Field(
        default="{/order_no}@{ce.subject}",
        title="运单订单号：寄递订单编号、@ 与办件编号；同号即同一订单。",
        description="The carrier's order number: by it a repeat is known; the case number behind the @ brings routes to "
        "their case.",
        examples=["{/order_no}@{ce.subject}"],
    )
    status: Template = Field(
        default="{/status}", title="ordered 或 cancelled。", description="Which of the two.", examples=["{/status}"]
    )
    direction: Template = Field(
        default="{/direction}",
        title="to_applicant 或 to_hall。",
        description="Which way it goes.",
        examples=["to_applicant"],
    )
    side: Template = Field(
        default="{/applicant_side}",
        title="applicant 或 agent。",
        description="Who is at the applicant's end.",
        examples=["applicant"],
    )
    applicant: Template = Field(
        default="{/applicant_name}",
        title="申请人姓名。",
        description="The applicant's name.",
        examples=["{/applicant_name}"],
    )
    agent: Template = Field(
        default="{/agent_name}", title="代理人姓名。", description="The agent's name.", examples=["{/agent_name}"]
    )
    consignor: PartyMap = Field(
        default_factory=lambda: _party("consignor"),
        title="寄件方。",
        description="Who sends.",
        examples=[_party("consignor").model_dump()],
    )
    consignee: PartyMap = Field(
        default_factory=lambda: _party("consignee"),
        title="收件方。",
        description="Who receives.",
        examples=[_party("consignee").model_dump()],
    )
    payer: Template = Field(
        default="{/postage_payer}",
        title="consignor 寄付，consignee 到付。",
        description="Who pays.",
        examples=["consignee"],
    )
    pickup: Template = Field(
        default="{/pickup_at}",
        title="预约取件时间，RFC 3339。",
        description="When the courier is to come.",
        examples=["{/pickup_at}"],
    )
    note: Template = Field(default="{/note}", title="备注。", description="Remarks.", examples=["{/note}"])
    things: Place = Field(
        default="/enclosures",
        title="寄递物品列表（name、copies）。",
        description="The list of what is sent.",
        examples=["/enclosures"],
    )


class EmsNames(BaseModel):
    """How China Post's interface calls the members of an order and of its answer. Public texts name the form around them and none
    of these: what stands here is common practice, and the customer's own contract has the last word.
    """

    model_config = STRICT

    company: Member = Field(
        default="ecCompanyId", title="顾客编码。", description="Who we are there.", examples=["ecCompanyId"]
    )
    number: Member = Field(
        default="txLogisticID", title="订单号。", description="The order number.", examples=["txLogisticID"]
    )
    product: Member = Field(
        default="bizProductNo", title="产品类型。", description="The product.", examples=["bizProductNo"]
    )
    payer: Member = Field(default="payType", title="付费方。", description="Who pays.", examples=["payType"])
    consignor: Member = Field(default="sender", title="寄件方。", description="Who sends.", examples=["sender"])
    consignee: Member = Field(default="receiver", title="收件方。", description="Who receives.", examples=["receiver"])
    name: Member = Field(
        default="name", title="收寄双方：姓名。", description="Of both ends: the person's name.", examples=["name"]
    )
    phone: Member = Field(
        default="mobile", title="收寄双方：电话。", description="Of both ends: the telephone.", examples=["mobile"]
    )
    address: Member = Field(
        default="address",
        title="收寄双方：详细地址。",
        description="Of both ends: the postal address.",
        examples=["address"],
    )
    unit: Member = Field(
        default="company", title="收寄双方：单位。", description="Of both ends: the body.", examples=["company"]
    )
    things: Member = Field(
        default="items", title="寄递物品列表。", description="The list of what is sent.", examples=["items"]
    )
    thing: Member = Field(
        default="itemName", title="物品：名称。", description="Of a thing: what it is.", examples=["itemName"]
    )
    count: Member = Field(
        default="number", title="物品：份数。", description="Of a thing: how many.", examples=["number"]
    )
    pickup: Member = Field(
        default="sendStartTime",
        title="预约取件时间。",
        description="When the courier is to come.",
        examples=["sendStartTime"],
    )
    note: Member = Field(default="remark", title="备注。", description="Remarks.", examples=["remark"])
    success: Member = Field(
        default="success",
        title="答复：是否成功。",
        description="Of an answer: whether it was done.",
        examples=["success"],
    )
    waybill: Member = Field(
        default="mailNo", title="答复：运单号。", description="Of an answer: the waybill.", examples=["mailNo"]
    )
    reason: Member = Field(
        default="reason",
        title="答复：失败原因代码。",
        description="Of an answer: the code of a failure.",
        examples=["reason"],
    )
    prepaid: Member = Field(
        default="1", title="付费方取值：寄付。", description="The value for who sends.", examples=["1"]
    )
    collect: Member = Field(
        default="2", title="付费方取值：到付。", description="The value for who receives.", examples=["2"]
    )


class LogisticsConfig(BaseModel):
    """One carrier that is ordered from. Nothing in here is secret: the shared word is named."""

    model_config = STRICT

    carrier: Literal["sf", "ems"] = Field(title="承运企业接口。", description="Whose interface.", examples=["sf"])
    url: AddressTemplate = Field(
        title="接口地址。",
        description="The interface's address.",
        examples=["https://bspgw.sf-express.com/std/service"],
    )
    partner: Name = Field(
        title="顾客编码 partnerID / ecCompanyId。", description="Who we are there.", examples=["GOVHUB_TEST"]
    )
    check_word: Secret = Field(
        title="校验码所在的密钥。", description="The secret with the shared word.", examples=["sf-check-word"]
    )
    order: OrderMap = Field(
        default_factory=OrderMap,
        title="订单在消息中的位置。",
        description="Where an order stands in a message.",
        examples=[{}],
    )
    product: int = Field(
        default=1, ge=0, le=9999, title="产品类型。", description="The carrier's product.", examples=[2]
    )
    monthly_card: Annotated[str, StringConstraints(max_length=20)] = Field(
        default="",
        title="月结卡号，寄付月结时填写。",
        description="The monthly account, if any.",
        examples=["7551234567"],
    )
    goods: Name = Field(
        default="政务服务材料",
        title="未列物品时的品名。",
        description="What it is called if nothing is listed.",
        examples=["政务服务材料"],
    )
    known_codes: frozenset[Code] = Field(
        default=frozenset({"8016"}),
        title="“订单号重复”的错误码。",
        description="Codes that say: this order number is known.",
        examples=[["8016"]],
    )
    unknown_codes: frozenset[Code] = Field(
        default=frozenset({"8018", "8024"}),
        title="“没有此订单”的错误码。",
        description="Codes that say: there is no such order.",
        examples=[["8018"]],
    )
    cancelled_codes: frozenset[Code] = Field(
        default=frozenset({"8037"}),
        title="“已取消”的错误码。",
        description="Codes that say: it is cancelled.",
        examples=[["8037"]],
    )
    busy_codes: frozenset[Code] = Field(
        default=frozenset({"S0001"}),
        title="“稍后再试”的错误码。",
        description="Codes that say: not now, and nothing was done.",
        examples=[["S0001"]],
    )
    ems: EmsNames = Field(
        default_factory=EmsNames,
        title="EMS 报文中各字段的名称，以与承运企业的约定为准。",
        description="What EMS calls the members of an order and of its answer; not published, so the contract has the last word.",
        examples=[{"number": "logisticsOrderNo"}],
    )
    order_type: Code = Field(
        default="ORDERCREATE", title="EMS 下单的 msg_type。", description="To order.", examples=["ORDERCREATE"]
    )
    cancel_type: Code | None = Field(
        default=None,
        title="EMS 取消的 msg_type；无则不能取消。",
        description="To cancel; without it nothing can be.",
        examples=["ORDERCANCEL"],
    )
    query_type: Code | None = Field(
        default=None,
        title="EMS 查询订单的 msg_type；无则答复丢失后由人认定。",
        description="To ask for an order; without it a lost answer waits for a person.",
        examples=["ORDERQUERY"],
    )
    timeout_seconds: float = Field(
        default=20.0, ge=0.1, le=300, title="一次请求的时限，秒。", description="Longest request.", examples=[20]
    )
    answer_within: AnswerWithin = Field(
        title="签收最迟多少秒内到达，逾期告警。", default=30 * 86_400.0, examples=[1_296_000]
    )
    tls: TlsConfig | None = Field(
        default=None, title="双向 TLS 与自有根证书。", description="Mutual TLS and own authorities.", examples=[None]
    )
    egress: Egress | None = Field(
        title="此目的地可连接哪些地方，按实际连接的地址核对；省略为部署文件中写明的地址。",
        default=None,
        description="Whom this destination may call, checked at the address it connects to. Without it: where the deployment "
        "says, whatever address the name stands for.",
        examples=[{"networks": ["10.20.0.0/16"]}],
    )

    @property
    def asks(self) -> bool:
        """Whether the carrier can be asked what became of an order number."""
        return self.carrier == "sf" or self.query_type is not None


_SF_CODES: dict[str, Status] = {
    "50": "picked_up",
    "30": "in_transit",
    "31": "in_transit",
    "44": "out_for_delivery",
    "80": "delivered",
    "8000": "delivered",
}


class RouteConfig(BaseModel):
    """How a carrier tells us of routes."""

    model_config = STRICT

    carrier: Literal["sf", "ems"] = Field(title="承运企业接口。", description="Whose interface.", examples=["sf"])
    token: Secret = Field(
        title="推送地址最后一段，登记在承运企业处。",
        description="The last part of the address they call, as a secret.",
        examples=["sf-push"],
    )
    check_word: Secret | None = Field(
        default=None,
        title="EMS 推送的校验码所在的密钥。",
        description="The shared word of EMS pushes.",
        examples=["ems-check-word"],
    )
    answers_for: Name | None = Field(
        default=None,
        title="由本推送关闭投递的目的地。",
        description="The destination whose deliveries end when a parcel is signed for.",
        examples=["sf"],
    )
    codes: dict[Code, Status] = Field(
        default_factory=dict,
        title="操作码的含义，补充或取代内置的。",
        description="What their codes mean, beside or instead of what is known.",
        examples=[{"648": "returning"}],
    )

    def status(self, code: str) -> Status:
        """What a code means."""
        known = _SF_CODES if self.carrier == "sf" else _EMS_CODES
        return self.codes.get(code) or known.get(code, "other")


_EMS_CODES: dict[str, Status] = {"203": "picked_up", "704": "delivered"}
