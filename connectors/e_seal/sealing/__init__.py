# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the simulator seals with: authorities that it makes when it starts, seals, and real sealed files. Nothing is kept."""
