# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""By when the law and the promise want a case closed. 法定时限与承诺时限

    calendar   which days are working days (工作日, with 调休), as published and as this site says otherwise
    facts      what the records of a case say about its periods
    deadlines  the last days, with pauses and extensions

All of it is derived from records and can be reckoned again at any time, with another calendar too.
"""
