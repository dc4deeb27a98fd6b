# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What notices are made of, without any channel: templates with their bounds, and how long a text message is. 通知

segments    the parts in which a text travels as text message (SMS), and how they are counted
template    one template: its places, its bounds, its longest text; what is wrong with values for it
templates   a file of templates, checked with file and line
"""
