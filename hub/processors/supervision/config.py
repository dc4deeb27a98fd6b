# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a supervisor."""

from datetime import time
from typing import Annotated

from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from contracts.codes import SupervisedRole, WarningSeverity
from contracts.families.fields import Department, Line100


class Wording(BaseModel):
    """How a notice is worded."""

    model_config = STRICT

    template: str = Field(description="模板编号。Id of the template.")
    values: dict[str, Annotated[str, Field(pattern=r"^message\.[a-z][a-z0-9_]*$")]] = Field(
        default_factory=dict,
        description="模板参数取自预警或督办的哪个字段：message.字段。"
        "Where the template's places come from: message.FIELD of the warning or the order.",
    )


class PersonsSettings(BaseModel):
    """Notices to the persons who hold the roles."""

    model_config = STRICT

    contacts: str = Field(description="联系人文件，相对于部署文件。The file of contacts, relative to the deployment's.")
    templates: str = Field(
        description="模板文件，与统一消息平台相同。The message platform's file of templates, relative to the same."
    )
    warned: Wording | None = Field(default=None, description="预警通知；不写不发。Of a warning; none if left out.")
    ordered: Wording | None = Field(default=None, description="督办通知；不写不发。Of an order; none if left out.")
    absent: str = Field(
        default="（未填）", max_length=20, description="参数取值缺失时写什么。What stands where a value is missing."
    )


class SupervisionConfig(BaseModel):
    """A supervisor."""

    model_config = STRICT

    rules: str = Field(
        description="监察规则文件，相对于部署文件。The file of rules (govhub supervision check), relative to the deployment's."
    )
    supervisor_name: Line100 = Field(description="监察机构名称。Body that supervises.")
    supervisor_code: Department | None = Field(default=None, description="监察机构代码。Its code.")
    orders_at: frozenset[WarningSeverity] = Field(
        default=frozenset({WarningSeverity.RED}),
        description="哪些级别的预警同时督办。Warnings of which severity are followed by a supervise order.",
    )
    addressees: Annotated[tuple[SupervisedRole, ...], Field(min_length=1, max_length=5)] = Field(
        default=(SupervisedRole.STAGE_CHIEF, SupervisedRole.ITEM_CHIEF, SupervisedRole.HANDLER),
        description="督办对象角色。To whom orders are addressed, by role.",
    )
    persons: PersonsSettings | None = Field(
        default=None,
        description="把预警与督办通知到担任各角色的人。Tell the persons who hold these roles of warnings and orders.",
    )
    content: Annotated[str, Field(min_length=1, max_length=500)] = Field(
        default="请于期限内办结并说明原因", description="督办内容。What an order wants done."
    )
    reply_hours: float = Field(
        default=48, gt=0, le=24 * 90, description="督办答复时限。Hours in which an order is to be answered."
    )
    looks_at: time = Field(
        default=time(0, 5), description="每天何时检查（北京时间）。When open cases are looked at every day, in Beijing."
    )
    longest_days: int = Field(
        default=800, ge=1, le=3660, description="一件办件最多跟踪多少天。For how many days a case is followed at most."
    )
