# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of the items that are handled, and whoever handles them. 事项."""

from contracts.codes.code import Code


class ItemType(Code):
    """事项类型, GB/T 39046-2020 table A.1."""

    POWER = "00", "行政权力", "administrative power"
    LICENSING = "01", "行政许可", "licensing"
    PENALTY = "02", "行政处罚", "penalty"
    COERCION = "03", "行政强制", "coercive measure"
    LEVY = "04", "行政征收", "levy"
    PAYMENT = "05", "行政给付", "payment"
    INSPECTION = "06", "行政检查", "inspection"
    CONFIRMATION = "07", "行政确认", "confirmation"
    REWARD = "08", "行政奖励", "reward"
    RULING = "09", "行政裁决", "ruling"
    OTHER = "10", "其他", "other"
    PUBLIC_SERVICE = "20", "公共服务", "public service"


class ExerciseLevel(Code):
    """行使层级, GB/T 39046-2020 table A.2."""

    NATIONAL = "1", "国家级", "national"
    PROVINCE = "2", "省级", "province"
    CITY = "3", "市级", "city"
    COUNTY = "4", "县级", "county"
    TOWNSHIP = "5", "镇（乡、街道）级", "township"
    VILLAGE = "6", "村（社区）级", "village"
    GRADED = "7", "分级管理", "graded"


class OrganisationNature(Code):
    """实施主体性质, GB/T 39046-2020 table A.3."""

    STATUTORY = "1", "法定机关", "statutory body"
    AUTHORISED = "2", "授权组织", "authorised body"
    ENTRUSTED = "3", "受委托组织", "entrusted body"
    OTHER = "9", "其他", "other"


class ItemStatus(Code):
    """事项状态."""

    IN_FORCE = "in_force", "现行有效", "in force"
    CHANGED = "changed", "变更，取代前一版本", "changed, in place of the version before"
    WITHDRAWN = "withdrawn", "取消", "withdrawn"


class HandlingScope(Code):
    """通办范围, GB/T 39046-2020 table 4, which gives no code table."""

    NATION = "nation", "全国通办", "anywhere in the country"
    PROVINCE = "province", "全省通办", "anywhere in the province"
    CITY = "city", "全市通办", "anywhere in the city"
    COUNTY = "county", "全县（区）通办", "anywhere in the county"
    NONE = "none", "不通办", "only where the department is"


class PeriodUnit(Code):
    """时限单位."""

    WORKING_DAY = "working_day", "工作日", "working days"
    DAY = "day", "自然日", "calendar days"


class ItemCodeKind(Code):
    """事项编码的种类: GB/T 39554.1 has codes of 31 and 33 characters, GB/T 39046-2020 up to 24; sites have their own."""

    IMPLEMENTATION = "implementation", "实施编码（31 位）", "implementation code, 31 characters"
    HANDLING_ITEM = "handling_item", "业务办理项编码（33 位）", "code of a handling item, 33 characters"
    OLD_IMPLEMENTATION = "old_implementation", "旧实施编码（不超过 24 位）", "implementation code, up to 24 characters"
    LOCAL = "local", "地方编码", "a code of the site's own"
