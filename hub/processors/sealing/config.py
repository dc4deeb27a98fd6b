# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of sealing before delivery."""

from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from connectors.sdk import STRICT
from contracts.codes import SealStructure
from contracts.families.fields import Line100, Line200
from contracts.fault import UnsuitableError
from contracts.text import Text


class SealSettings(BaseModel):
    """Which seal goes on the licences of an item."""

    model_config = STRICT

    seal_id: Line100 | None = Field(default=None, description="印章标识。Identifier of the seal (esID).")
    seal_name: Line200 | None = Field(default=None, description="印章名称。Name of the seal.")
    structure: SealStructure | None = Field(
        default=None, description="签章结构，省略则不限。Structure wanted; absent when any will do."
    )
    department_name: Line100 = Field(description="用印单位名称。Body whose seal it is.")
    purpose: Line200 = Field(default="证照用印", description="用印事由。What the sealed file is for.")

    @model_validator(mode="after")
    def _which(self) -> "SealSettings":
        if self.seal_id is None and self.seal_name is None:
            raise UnsuitableError(
                Text("未说明用哪枚印章。", "Which seal is not said."),
                Text("请写 seal_id 或 seal_name。", "Write seal_id or seal_name."),
            )
        return self


class SealingConfig(BaseModel):
    """Sealing before delivery."""

    model_config = STRICT

    seals: Annotated[dict[str, SealSettings], Field(min_length=1)] = Field(
        description="按事项实施编码选择印章，* 为其余事项；都没有的证照被拒收。"
        "By code of the item; * is for all others. A licence of an item that has none is refused."
    )
    longest_hours: float = Field(
        default=72,
        gt=0,
        le=24 * 366,
        description="用印任务多久失效。After so many hours a task lapses if nobody has sealed.",
    )
