# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a gatherer of opinions."""

from typing import Annotated

from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from contracts.codes import ConsultationKind


class ConsultationConfig(BaseModel):
    """A gatherer of opinions."""

    model_config = STRICT

    longest_days: Annotated[
        dict[ConsultationKind, Annotated[int, Field(ge=1, le=366)]],
        Field(
            description="各方式的最长答复工作日；牵头部门写的期限更晚时以此为准。"
            "By kind of consultation: the most working days to answer in; a later time that the leading department wrote is cut."
        ),
    ] = Field(default_factory=dict)
    silent_is: str = Field(
        default="overdue",
        pattern="^(overdue|none)$",
        description="逾期未答复如何计：overdue 为未答复，none 视为无意见（默许）。"
        "What silence counts as when time is up: not answered, or no opinion (tacit consent).",
    )
