# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a divider of packages."""

from typing import Annotated

from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from contracts.codes import CaseType
from contracts.families.fields import Department, Line100


class ItemSettings(BaseModel):
    """How one item of a package is handled."""

    model_config = STRICT

    department_code: Department = Field(description="办理部门代码。Code of the department that handles it.")
    department_name: Line100 | None = Field(default=None, description="办理部门名称。Its name.")
    case_type: CaseType | None = Field(default=None, description="办件类型代码。Whether it is done at once.")
    promised_days: int | None = Field(
        default=None, ge=1, le=366, description="承诺办结工作日。Working days in which it is promised to be closed."
    )
    statutory_days: int | None = Field(
        default=None, ge=1, le=366, description="法定办结工作日。Working days that the law gives."
    )
    after: Annotated[tuple[str, ...], Field(max_length=20)] = Field(
        default=(),
        description="前置事项编码：同一套餐中含有这些事项时，须先办成。"
        "Items that must have been closed in the applicant's favour first, if the package has them.",
    )


class PackageConfig(BaseModel):
    """A divider of packages."""

    model_config = STRICT

    items: dict[str, ItemSettings] = Field(
        default_factory=dict,
        description="按事项实施编码：由谁办理、时限、先后。未列出的事项须在套餐申请中写明办理部门。"
        "By code of the item: who handles it, by when, after which. An item that is not here must name its department itself.",
    )
    case_type: CaseType = Field(
        default=CaseType.PROMISED,
        description="申请与设置都未写明时的办件类型。The kind of case where neither the package nor the item says it.",
    )
    give_up_days: int = Field(
        default=180,
        ge=1,
        le=3660,
        description="多少天后不再等待未办结的办件，套餐按现状办结；之后到达的结果仍会更正。"
        "After so many days parts that are not over are waited for no longer, and the package ends as it stands; a result that "
        "comes later still corrects it.",
    )
