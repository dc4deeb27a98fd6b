# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a connector's own process cannot do any more, by means of the kernel alone: no daemon, no container, no root needed.

fence          all of it, in the order in which it must be put up
landlock       which files it may open, and whom it may signal or be called by (Linux 5.13 and later)
calls          which system calls it may make (seccomp)
privileges     capabilities, and what others of the same user may do to it
trial          a process behind a fence that tries to get out, and tells
"""
