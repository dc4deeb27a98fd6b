# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What may be applied for: items and investment projects. 事项与项目"""

from collections.abc import Sequence

from contracts.contract import Contract
from contracts.families.catalogue import item_address, item_directory, item_implementation, project_registered

CONTRACTS: Sequence[Contract] = (
    item_directory.CONTRACT,
    item_implementation.CONTRACT,
    item_address.CONTRACT,
    project_registered.CONTRACT,
)
