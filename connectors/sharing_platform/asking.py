# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one verification query (核验查询), or of the platform's catalogue, as a lookup."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from connectors.sdk import STRICT
from connectors.sdk.http.finding import FindingRule
from connectors.sdk.http.place import Place
from connectors.sdk.http.template import Template
from connectors.sdk.http.wrap import Wrap
from connectors.sharing_platform.account import Account, Identity, Path

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^.{}|\s]+$")]
PURPOSE = "purpose"

CATALOGUE = {
    "list": {
        "path": "/sysapi/service/getlist",
        "sid": "s_sys_service001",
        "wrap": {"json": {"keyword": "{c.keyword}", "page": "{c.page}"}},
        "optional": ["keyword", "page"],
    },
    "detail": {
        "path": "/sysapi/service/getdetail",
        "sid": "s_sys_service002",
        "wrap": {"json": {"sid": "{c.sid}"}},
        "required": ["sid"],
    },
}
"""The platform's own services that tell what there is to ask."""


class AskingConfig(BaseModel):
    """One service of the platform that answers questions."""

    model_config = STRICT

    platform: Account = Field(
        title="平台，以及本方在平台上的身份。",
        description="The platform, and who we are there.",
        examples=[{"url": "https://share.example.gov.cn", "rid": "r_5105020001", "app_secret": "sharing-secret"}],
    )
    catalogue: Literal["list", "detail"] | None = Field(
        title="查询平台的资源目录：list 为列表，detail 为单项。",
        default=None,
        description="The platform's catalogue instead of a service: list of its resources, or detail of one.",
        examples=["list"],
    )
    sid: Identity | None = Field(
        title="服务编号。",
        default=None,
        description="The service, as it is registered.",
        examples=["s_1200000900000_2001"],
    )
    style: Literal["rest", "soap"] = Field(
        title="调用方式：rest 或 soap。",
        default="rest",
        description="How it is called: by /httpproxy or by /wsproxy.",
        examples=["soap"],
    )
    path: Path | None = Field(
        title="代理路径以外的路径。",
        default=None,
        description="Another path than the proxy's.",
        examples=["/sysapi/service/getlist"],
    )
    soap_action: Annotated[str, Field(max_length=300, pattern=r"^[ -~]*$")] = Field(
        title="style: soap 的 SOAPAction。",
        default="",
        description="The SOAPAction of style: soap.",
        examples=["urn:queryPerson"],
    )
    soap_body: Template | None = Field(
        title="style: soap 时信封正文的内容，填入值会转义。",
        default=None,
        description="What stands in the envelope's body for style: soap; what fills its places is escaped.",
        examples=["<q:query xmlns:q='urn:people'><xm>{c.name}</xm><sfzh>{c.id_no}</sfzh></q:query>"],
    )
    wrap: Wrap | None = Field(
        title="style: rest 的正文；{c.purpose} 为查询事由。",
        default=None,
        description="The body of style: rest. {c.purpose} is why it is asked.",
        examples=[{"json": {"xm": "{c.name}", "sfzh": "{c.id_no}", "cxsy": "{c.purpose}"}}],
    )
    required: tuple[Name, ...] = Field(
        title="每次查询必须有的条件。",
        default=(),
        max_length=30,
        description="Criteria that every question has.",
        examples=[["name", "id_no"]],
    )
    optional: tuple[Name, ...] = Field(
        title="查询可以有的条件。",
        default=(),
        max_length=30,
        description="Criteria that a question may have.",
        examples=[["region"]],
    )
    answers: tuple[FindingRule, ...] = Field(
        title="应答的含义，取第一条符合的；无一符合为暂时问不到。",
        default=(
            FindingRule.model_validate({"at": "/code", "in": ["0"], "means": "found", "records": "/data"}),
            FindingRule.model_validate({"at": "/code", "in": ["404"], "means": "not_found"}),
            FindingRule.model_validate({"at": "/code", "in": ["400", "403"], "means": "rejected", "code": "/code"}),
        ),
        min_length=1,
        max_length=50,
        description="What answers mean; the first that fits holds, and what none fits is unavailable.",
        examples=[
            [
                {"at": "/code", "in": ["0"], "means": "found", "records": "/data"},
                {"at": "/code", "in": ["404"], "means": "not_found"},
            ]
        ],
    )
    fields: dict[Annotated[str, Field(max_length=100)], Place] = Field(
        title="只取记录中的这些；不写则取全部。",
        default_factory=dict,
        description="What is given back of a record: as little as the purpose needs. Empty: the record as it is.",
        examples=[{"matched": "/yz"}],
    )
    most_records: int = Field(
        title="最多返回多少条记录。",
        default=100,
        ge=1,
        le=1000,
        description="The most records given back.",
        examples=[20],
    )
    timeout_seconds: float = Field(
        title="一次查询最多多少秒。",
        default=10.0,
        ge=0.1,
        le=60,
        description="The longest one question may take, in seconds.",
        examples=[5],
    )

    @model_validator(mode="before")
    @classmethod
    def _of_catalogue(cls, settings: object) -> object:
        known = settings.get("catalogue") if isinstance(settings, dict) else None
        preset = CATALOGUE.get(known) if isinstance(known, str) else None
        return {**preset, **settings} if preset is not None and isinstance(settings, dict) else settings

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.sid is None:
            raise ValueError("sid is needed: which service is asked")
        if self.style == "soap" and (self.soap_body is None or self.wrap is not None):
            raise ValueError("style: soap has soap_body, and no wrap")
        if self.style == "rest" and (self.wrap is None or self.soap_body is not None):
            raise ValueError("style: rest has wrap, and no soap_body")
        if set(self.required) & set(self.optional) or PURPOSE in {*self.required, *self.optional}:
            raise ValueError("a criterion is required or optional, and purpose is neither: it is told beside them")
        if not {rule.means for rule in self.answers} & {"found"}:
            raise ValueError("no answer means found: asking could tell nothing")
        return self
