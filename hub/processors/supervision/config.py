# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a supervisor."""

from datetime import time
from typing import Annotated

from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from contracts.codes import SupervisedRole, WarningSeverity
from contracts.families.fields import Department, Line100


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
