# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The sandbox: a department's connection is tried against scripted scenarios, on a hub of its own, and certified. 联调沙箱

script      what a department's folder says about its trial (sandbox.yaml)
workplace   the folder's deployment, led to a simulated far side
far_side    what a simulated department's system must do; far_* are those there are, far_sides which plays which kind
relay       what makes a broker slow, or lose a confirm
alone       what can be tried where no far side is played
plan        what a trial will try, known before anything runs
speech      what is said in a case, out of the contracts' own examples
desk        the hub as the two systems see it over HTTP
stage       one case between the two, and what was found on the way
scenarios   the scripts
report      the certification report
trial       all of it together
"""
