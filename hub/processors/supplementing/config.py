# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a tracker of missing materials."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from contracts.families.fields import Item, Line200, Prose1000

Days = Annotated[int, Field(ge=1, le=366)]


class ItemSettings(BaseModel):
    """What differs for one item."""

    model_config = STRICT

    working_days: Days | None = Field(default=None, description="补交期限（工作日）。Working days for what is missing.")
    materials: Annotated[tuple[Line200, ...], Field(max_length=200)] = Field(
        default=(),
        description="可以容缺的材料；不写为全部。受理缺少其他材料的，列为死信。"
        "Materials that may follow; all, if left out. An acceptance that lacks another one is a dead letter.",
    )


class SupplementingConfig(BaseModel):
    """A tracker of missing materials."""

    model_config = STRICT

    working_days: Days = Field(
        description="受理与补正告知都未写期限时的补交期限（工作日），绿色通道中缩短。"
        "Working days for what is missing, where neither the acceptance nor a notice of correction tells a last day; "
        "fewer in the green channel."
    )
    items: dict[Item, ItemSettings] = Field(default_factory=dict, description="个别事项。What differs by item.")
    overdue: Literal["tell", "extend"] = Field(
        default="tell",
        description="逾期未补齐时：tell 告知部门与申请人，由部门处理；extend 先展期一次，再逾期才如此。"
        "When time is up: `tell` the department and the applicant, and the department decides; `extend` first, once.",
    )
    extension_working_days: Days = Field(
        default=5,
        description="展期的工作日，绿色通道中缩短。Working days of that extension; fewer in the green channel.",
    )
    consequence: Prose1000 = Field(
        default="逾期未补齐的，由受理部门依法处理。",
        description="超期处理方法，受理未写时随清单告知。"
        "What happens when time is up, told with the list where the acceptance does not say.",
    )
    longest_days: int = Field(
        default=400, ge=1, le=3660, description="一件办件最多跟踪多少天。For how many days a case is followed at most."
    )

    def days(self, item: str) -> int:
        """Working days for what is missing."""
        own = self.items.get(item)
        return self.working_days if own is None or own.working_days is None else own.working_days
