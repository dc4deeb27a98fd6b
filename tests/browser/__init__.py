# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
