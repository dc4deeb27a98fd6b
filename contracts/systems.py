# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The systems that a city's hub meets: which contracts serve each of them, or why none does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from contracts.text import Text


@dataclass(frozen=True, slots=True)
class Served:
    """These contract types carry what is exchanged; ``rest`` is what they do not."""

    types: tuple[str, ...]
    rest: Text | None = None


@dataclass(frozen=True, slots=True)
class Copied:
    """It receives a copy of every contract and needs none of its own."""


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing serves it yet."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Outside:
    """What it exchanges is no message, so it is not the hub's to carry."""

    reason: Text


Coverage: TypeAlias = Served | Copied | Later | Outside


@dataclass(frozen=True, slots=True)
class System:
    """One outside system, or a group of them that exchange the same."""

    number: int
    name: Text
    coverage: Coverage


_ITEMS = ("cn.gov.item.directory", "cn.gov.item.implementation")
_ADDRESS = "cn.gov.item.address"
_ASKED = ("cn.gov.application.submitted", "cn.gov.correction.supplied", "cn.gov.material.supplied")
_HANDLED = (
    "cn.gov.prereview.decided",
    "cn.gov.correction.requested",
    "cn.gov.acceptance.decided",
    "cn.gov.process.step",
    "cn.gov.special.started",
    "cn.gov.special.ended",
    "cn.gov.completion.decided",
    "cn.gov.licence.issued",
    "cn.gov.collection.recorded",
)
_LIFE = (*_ASKED, *_HANDLED)
_SUPPLEMENT = "cn.gov.supplement.progressed"
_PACKAGES = ("cn.gov.package.submitted", "cn.gov.package.divided", "cn.gov.package.progressed")
_OPINIONS = (
    "cn.gov.consultation.requested",
    "cn.gov.opinion.requested",
    "cn.gov.opinion.given",
    "cn.gov.opinions.gathered",
)
_VERIFYING = ("cn.gov.verification.requested", "cn.gov.verification.answered")
_RECONCILING = (
    "cn.gov.reconciliation.declared",
    "cn.gov.reconciliation.answered",
    "cn.gov.reconciliation.counted",
)
_SUPERVISING = ("cn.gov.supervision.warned", "cn.gov.supervision.ordered", "cn.gov.performance.reported")
_PAYING = ("cn.gov.fee.notified", "cn.gov.payment.recorded")
_NOTICES = (
    "cn.gov.notice.requested",
    "cn.gov.notice.dispatched",
    "cn.gov.notice.reported",
    "cn.gov.notice.revoked",
)
_SHIPPING = ("cn.gov.shipment.ordered", "cn.gov.shipment.event")
_INQUIRIES = ("cn.gov.inquiry.submitted", "cn.gov.inquiry.answered")
_AVAILABLE = "cn.gov.record.available"
_EVALUATION = "cn.gov.evaluation.recorded"
_IDENTITY = "cn.gov.identity.asserted"
_APPOINTMENT = "cn.gov.appointment.changed"
_PROJECT = "cn.gov.project.registered"
_CREDIT = "cn.gov.credit.published"
_TRANSACTION = "cn.gov.transaction.ended"
_LICENCE = "cn.gov.licence.issued"

_HALL_STATES = Text(
    "大厅设备与人员状态需要自己的契约族（设备状态、告警），尚无可引用的标准，待首个大厅接入时按其数据制定。",
    "States of the hall's devices and staff need a family of their own; no standard is at hand, so it waits for the first "
    "hall that is connected.",
)

SYSTEMS: Sequence[System] = (
    System(
        1,
        Text("四川政务服务网江阳区分厅（门户）", "Portal of the district"),
        Served(
            (
                *_LIFE,
                _SUPPLEMENT,
                *_ITEMS,
                _ADDRESS,
                *_PACKAGES,
                _TRANSACTION,
                _AVAILABLE,
                _EVALUATION,
                _APPOINTMENT,
                *_INQUIRIES,
                _IDENTITY,
            )
        ),
    ),
    System(
        2,
        Text("四川省一体化政务服务平台", "Integrated platform of the province"),
        Served((*_ITEMS, _ADDRESS, *_LIFE, _AVAILABLE, *_RECONCILING)),
    ),
    System(
        3,
        Text("泸州市政务服务平台", "Government services platform of the city"),
        Served((*_ITEMS, *_LIFE, _AVAILABLE, *_RECONCILING)),
    ),
    System(
        4,
        Text("泸州市数据共享平台", "Data-sharing platform of the city"),
        Served((*_VERIFYING, _AVAILABLE, *_LIFE, *_RECONCILING)),
    ),
    System(
        5,
        Text("部门业务办理系统", "Business systems of the departments"),
        Served((*_LIFE, _AVAILABLE, *_OPINIONS, _SUPPLEMENT, "cn.gov.package.divided", *_RECONCILING)),
    ),
    System(
        6,
        Text("四川省绩效监管系统", "Performance supervision of the province"),
        Served((*_HANDLED, *_SUPERVISING)),
    ),
    System(
        7,
        Text("电子监察系统、绩效考核系统", "Electronic supervision and performance assessment"),
        Served((*_LIFE, *_SUPERVISING, *_INQUIRIES)),
    ),
    System(8, Text("短信网关", "Text message gateway"), Served(_NOTICES)),
    System(
        9,
        Text(
            "统一消息平台（邮件、短消息、即时消息、电话）", "Unified messaging: mail, text, instant messages, telephone"
        ),
        Served(_NOTICES),
    ),
    System(10, Text("视频监控系统", "Video surveillance"), Later(_HALL_STATES)),
    System(11, Text("数字化窗口工位监控", "Monitoring of the service windows"), Later(_HALL_STATES)),
    System(
        12,
        Text("CA 电子印章", "Electronic seals of the certification authority"),
        Served(("cn.gov.seal.requested", "cn.gov.seal.completed", "cn.gov.seal.withdrawn")),
    ),
    System(13, Text("省统一身份认证平台", "Unified identity platform of the province"), Served((_IDENTITY,))),
    System(14, Text("统一公共支付平台", "Unified public payment platform"), Served((*_PAYING, *_RECONCILING))),
    System(15, Text("银行窗口", "Bank counters"), Served(_PAYING)),
    System(16, Text("物流服务平台", "Logistics platform"), Served(_SHIPPING)),
    System(
        17,
        Text("电子证照库、电子证照管理系统", "Store and management of electronic licences"),
        Served((_LICENCE, *_VERIFYING, _AVAILABLE)),
    ),
    System(
        18,
        Text("国家政务服务平台", "National government services platform"),
        Served((*_ITEMS, *_LIFE, _EVALUATION)),
    ),
    System(
        19,
        Text("国务院部门业务办理系统（垂管）", "Systems run by departments of the State Council"),
        Served((*_LIFE, _AVAILABLE, *_OPINIONS)),
    ),
    System(20, Text("国家数据共享交换平台", "National data-sharing platform"), Served((*_VERIFYING, _AVAILABLE))),
    System(
        21,
        Text("国家投资项目在线审批监管平台", "National platform for approving investment projects"),
        Served((_PROJECT, "cn.gov.acceptance.decided", "cn.gov.process.step", "cn.gov.completion.decided")),
    ),
    System(
        22,
        Text("国家公共资源交易平台、区公共服务交易中心", "Public resource trading, national and of the district"),
        Later(
            Text(
                "交易数据（公告、标段、成交）与办件无共同字段，其数据规范公开文本未取得，待取得后单列契约族。",
                "Trading data (notices, lots, awards) share no fields with cases, and the text of their specification is not "
                "at hand; it will be a family of its own.",
            )
        ),
    ),
    System(
        23,
        Text("全国信用信息共享平台", "National credit information platform"),
        Served((_CREDIT, *_VERIFYING)),
    ),
    System(
        24,
        Text("国家企业信用信息公示系统", "National enterprise credit publicity system"),
        Served((*_VERIFYING, _CREDIT)),
    ),
    System(
        25,
        Text("中央政府门户网站（微博、微信、客户端）", "Portal of the central government and its channels"),
        Outside(
            Text(
                "页面与栏目的前端整合，由门户完成，没有经中枢传送的消息；单点登录的身份见第 13 项。",
                "Pages are integrated by the portal; no message passes the hub. For identities see number 13.",
            )
        ),
    ),
    System(
        26,
        Text("人口、法人、空间地理、信用基础库", "Basic registers: people, bodies, geography, credit"),
        Served(
            _VERIFYING,
            Text(
                "空间地理查询以坐标与图件为主，尚未纳入核验契约。",
                "Geographic queries are about coordinates and maps, which verification does not carry yet.",
            ),
        ),
    ),
    System(
        27,
        Text("工商、民政、编制登记信息", "Registers of companies, social organisations and public bodies"),
        Served(_VERIFYING),
    ),
    System(
        28,
        Text(
            "银行卡、社保卡、公积金、驾驶证核验源", "Proof by bank card, social security, housing fund, driving licence"
        ),
        Served(_VERIFYING),
    ),
    System(
        29,
        Text("企业 CA、电子营业执照", "Certificates of enterprises, electronic business licence"),
        Served((_IDENTITY, *_VERIFYING)),
    ),
    System(
        30,
        Text("投资项目并联审批系统", "Parallel approval of investment projects"),
        Served((_PROJECT, *_PACKAGES, *_OPINIONS, _SUPPLEMENT, *_LIFE)),
    ),
    System(
        31,
        Text("一窗受理、通用审批、办件信息库", "One-window intake, general approval, store of cases"),
        Served((*_LIFE, *_ITEMS, *_PACKAGES, *_OPINIONS, _AVAILABLE, *_PAYING, *_RECONCILING)),
    ),
    System(32, Text("网上预约（省）", "Online appointments of the province"), Served((_APPOINTMENT,))),
    System(
        33,
        Text("排队取号、叫号机、综合显示屏", "Queueing, calling and display"),
        Served(
            (_APPOINTMENT,),
            Text(
                "取号、叫号等现场事件与大厅设备状态一并制定。",
                "Tickets and calls on the spot come with the states of the hall's devices.",
            ),
        ),
    ),
    System(
        34,
        Text("自助服务终端（读卡器、高拍仪、人脸、手写）", "Self-service terminals"),
        Served((*_ASKED, _IDENTITY, "cn.gov.collection.recorded")),
    ),
    System(
        35, Text("窗口互动终端、叫号终端、评价器", "Terminals at the window, rating devices"), Served((_EVALUATION,))
    ),
    System(
        36,
        Text("触摸查询、楼层引导、电子样表、屏幕信息发布", "Touch screens, guides, sample forms, screens"),
        Served(
            _ITEMS,
            Text(
                "楼层引导与排队信息与大厅设备状态一并制定；节目编排不经中枢。",
                "Guides and queues come with the states of the hall's devices; what screens play is not the hub's.",
            ),
        ),
    ),
    System(
        37,
        Text("智能卡、影印（高拍仪）、条码扫描", "Smart cards, document cameras, bar codes"),
        Served(
            ("cn.gov.material.supplied", _IDENTITY),
            Text(
                "设备由窗口软件驱动，中枢只接收其形成的材料与身份。",
                "The window's software drives the devices; the hub takes the materials and identities that result.",
            ),
        ),
    ),
    System(
        38,
        Text("移动 APP、移动办公（公务邮件）、微信公众号、微博", "Mobile applications and public accounts"),
        Served((*_ASKED, *_NOTICES, _EVALUATION, _APPOINTMENT, *_INQUIRIES)),
    ),
    System(
        39,
        Text("天府市民云 APP", "Citizen application of the province"),
        Served((*_ITEMS, "cn.gov.application.submitted", *_HANDLED)),
    ),
    System(
        40,
        Text("热线电话", "Telephone hotline"),
        Served(
            _INQUIRIES,
            Text(
                "按办件编号查询进度走查询接口，不是消息。",
                "Asking for the state of a case by its number is a query of the interface, not a message.",
            ),
        ),
    ),
    System(
        41,
        Text("受理通知书二维码", "QR code on the notice of acceptance"),
        Outside(
            Text(
                "扫码后按统一审核编码查询办件，走查询接口；编号随受理记录已在中枢。",
                "Scanning it asks for a case by its number, a query of the interface; the number came with the acceptance.",
            )
        ),
    ),
    System(
        42,
        Text("便民查询（社保、公积金、违章、婚姻登记预约等）", "Queries of daily life"),
        Later(
            Text(
                "群众本人的查询须即问即答且结果不留存，核验契约只答是否与有限字段；待查询转发与授权方式确定后制定。",
                "What people ask about themselves is answered at once and not kept; verification answers only yes, no and a few "
                "fields. It waits for a decision on relaying queries and on consent.",
            )
        ),
    ),
    System(
        43,
        Text("一体化运维监控平台", "Operations monitoring"),
        Outside(
            Text(
                "健康状态、指标与追踪由中枢的运维接口提供，不作为业务消息传送。",
                "Health, metrics and traces are read from the hub's own interfaces; they are no business messages.",
            )
        ),
    ),
    System(
        44,
        Text("乡镇（街道）、村（社区）便民服务中心，基层政务服务管理系统", "Service centres of towns and villages"),
        Served(
            (*_LIFE, "cn.gov.performance.reported"),
            Text(
                "“延时服务”登记与账号同步尚无契约。",
                "Extended opening hours and the synchronising of accounts have no contract yet.",
            ),
        ),
    ),
    System(
        45,
        Text(
            "部门业务专网与综合管理系统（二维码摆渡）；工商、质监、公安、国税、地税三证一照",
            "Department networks reached by QR code only; joint registration of companies",
        ),
        Served((*_LIFE, _AVAILABLE, *_RECONCILING)),
    ),
    System(
        46,
        Text("发改委视频会议直播", "Live broadcasts of video conferences"),
        Served(
            ("cn.gov.notice.requested",),
            Text(
                "会议通知与链接可传；音视频不经中枢。", "Notices and links are carried; sound and pictures never are."
            ),
        ),
    ),
    System(
        47,
        Text("TETRA 政务网、地铁、应急网", "Trunked radio of government, underground and emergency services"),
        Later(
            Text(
                "告警与短数据经厂家网关互通，接口不公开；语音不经中枢。",
                "Alerts and short data pass vendors' gateways, whose interfaces are not public; voice is not the hub's.",
            )
        ),
    ),
    System(48, Text("智慧大厅资产管理、考勤", "Assets and attendance of the hall"), Later(_HALL_STATES)),
    System(49, Text("大数据分析系统", "Data analysis"), Copied()),
)
"""The systems a hub of a county, city or province meets, in the numbers used throughout the project."""
