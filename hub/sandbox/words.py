# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the sandbox says of what it found: the sentence, and what to do."""

from collections.abc import Sequence

from contracts.text import Text

Said = tuple[Text, Text]

PORTAL = Text("门户发出的消息被拒", "what the portal sent was refused")
DEPARTMENT = Text("部门发出的消息被拒", "what the department sent was refused")
MEND_MAP = Text("改正映射文件后运行 govhub maps check。", "Mend the map, then run govhub maps check.")
_TIMES = Text(
    "核对连接器的 url、answers 与 timeout_seconds。", "See to the connector's url, answers and timeout_seconds."
)


def cannot_say(kind: str) -> Said:
    """The dialect has no words for a record of this type."""
    return (
        Text(f"部门的方言写不出、或读不回 {kind}。", f"The department's dialect does not both write and read {kind}."),
        Text(
            "在映射中补上该报文，或确认部门不办理此类业务。",
            "Add it to the map, or make sure the department never says it.",
        ),
    )


def not_delivered(wanted: int, found: int) -> Said:
    """Too little reached the department."""
    return (
        Text(
            f"应有 {wanted} 条到达部门系统，实到 {found} 条。",
            f"{wanted} should have reached the department; {found} did.",
        ),
        Text(
            "核对路由的 when 与目的地，再看死信的代码。",
            "See to the routes' conditions, then to the dead letters' codes.",
        ),
    )


def not_finished(state: str) -> Said:
    """The hub still waits for the department's word."""
    return Text(f"投递没有在时限内结束（{state}）。", f"The delivery was not finished in time ({state})."), _TIMES


def ended(state: str, code: str, *, taken: bool) -> Said:
    """The delivery ended otherwise than delivered."""
    if taken:
        return (
            Text(
                f"部门系统已收下，投递的结果却是 {state}（{code}）。",
                f"The department's system took it, yet the delivery ended as {state} ({code}).",
            ),
            Text(
                "核对 answers、receipt_pointer 等应答规则。",
                "See to the rules for answers: answers, receipt_pointer and so on.",
            ),
        )
    return (
        Text(
            f"没有送到部门系统，投递的结果是 {state}（{code}）。",
            f"It never left; the delivery ended as {state} ({code}).",
        ),
        Text(
            "代码的含义见 docs/problems.zh-CN.md；多为映射写不出，或编码缺字。",
            "docs/problems.md explains the code; mostly the map cannot say it, or its encoding lacks a character.",
        ),
    )


def lost_outward() -> Said:
    """Fields that the dialect cannot carry to the department."""
    return (
        Text("部门的方言带不走这些字段。", "The department's dialect cannot carry these fields."),
        Text("如部门需要，请在映射中补上。", "If the department needs them, add them to the map."),
    )


def not_returned(kinds: Sequence[str], found: Sequence[str]) -> Said:
    """Too little came back to the portal."""
    return (
        Text(
            f"应回到门户的有 {'、'.join(kinds)}，实到 {'、'.join(found) or '无'}。",
            f"The portal should have heard {', '.join(kinds)}; it heard {', '.join(found) or 'nothing'}.",
        ),
        Text("核对从部门到门户的路由。", "See to the routes from the department to the portal."),
    )


def other_order(kinds: Sequence[str], found: Sequence[str]) -> Said:
    """It came back in another order."""
    return (
        Text(
            f"先后应为 {'、'.join(kinds)}，实为 {'、'.join(found)}。",
            f"The order should be {', '.join(kinds)}; it is {', '.join(found)}.",
        ),
        Text(
            "同一办件的消息须逐条发送，前一条有回执后再发下一条。",
            "Send a case's messages one after the other, each after the receipt of the last.",
        ),
    )


def different_back(kind: str) -> Said:
    """A code or value changed on its way back."""
    return (
        Text(f"{kind} 写出后再读回，含义变了。", f"{kind} does not mean the same after it was written and read back."),
        Text("核对映射中的代码表：一码一义。", "See to the map's codes: one code, one meaning."),
    )


def different_there() -> Said:
    """A value changed on its way to the department."""
    return (
        Text("到达部门系统的内容与申请不一致。", "What reached the department is not what was applied for."),
        Text("核对映射中的代码表与格式。", "See to the map's codes and formats."),
    )


def twice(what: str) -> Said:
    """One message had two effects."""
    return (
        Text(f"同一条消息生效了两次（{what}）。", f"One message took effect twice ({what})."),
        Text("核对发送方的 id：重发须用同一 id 与同样的内容。", "A repeat must keep its id and its content."),
    )


def in_doubt() -> Said:
    """After a lost answer the hub neither may repeat nor can ask."""
    return (
        Text(
            "应答丢失后结果不明，须人工核实：对方既不去重，也不能查询。",
            "A lost answer leaves a doubt for a person: no repeats are ignored, nothing can be asked.",
        ),
        Text(
            "请部门按 Idempotency-Key 去重（native），或提供查询接口（queryable）。",
            "Have the department ignore repeats of a key (native), or offer a query (queryable).",
        ),
    )


def not_legible(where: str) -> Said:
    """A rare character did not come through."""
    return (
        Text(f"生僻字没有原样到达（{where}）。", f"Rare characters did not come through ({where})."),
        Text(
            "将映射的 encoding 改为 GB18030 或 UTF-8，并请部门按此解码。",
            "Set the map's encoding to GB18030 or UTF-8, and have the department decode it so.",
        ),
    )


def not_compared() -> Said:
    """What reached the department cannot be read back here."""
    return (
        Text(
            "到达部门的内容在此读不回（只写的方言或外层包装），故只核对了办件编号。",
            "What arrived cannot be read back here (the dialect only writes, or it is wrapped); only its case was compared.",
        ),
        Text("映射中写 direction: both 即可核对。", "Write direction: both in the map to have it compared."),
    )


def other_warning(codes: Sequence[str]) -> Said:
    """How a bad check character was taken."""
    return (
        Text(
            f"校验位有误的标识已收，回执中给出警告：{'、'.join(codes)}。",
            f"A bad check character was taken, with warnings in the receipt: {', '.join(codes)}.",
        ),
        Text("如应拒收，请在路由中写 identifiers: refuse。", "To refuse it, write identifiers: refuse in the route."),
    )


def unseen_check() -> Said:
    """A bad check character was taken without a word."""
    return (
        Text("校验位有误的标识未见警告。", "A bad check character was taken without a warning."),
        Text("核对样例申请中的证件类型与号码。", "See to the type and number in the sample application."),
    )


def no_word_for_withdrawn() -> Said:
    """The dialect has no code for a withdrawn application."""
    return (
        Text(
            "方言没有“撤销申请”的代码，本场景以“作废办结”代替。",
            "The dialect has no code for a withdrawn application; 'voided' stood in for it.",
        ),
        Text("请与部门约定撤回以何代码表示。", "Agree with the department how a withdrawal is written."),
    )


def away(reason: str) -> Said:
    """The department's test system did not answer the connector's check."""
    return (
        Text(
            f"测试系统检查未通过（{reason}），其余未试，没有发送申请。",
            f"The test system failed the check ({reason}); the rest was not tried, and no application was sent.",
        ),
        Text(
            "核对 sandbox.yaml 的 test_system 与所用秘密，并确认测试系统在运行。",
            "See to test_system in sandbox.yaml and to the secrets, and that the test system runs.",
        ),
    )


def untried(names: Sequence[str]) -> Said:
    """Settings of the way to the real system."""
    return (
        Text(
            f"以下设置未经演练：{'、'.join(names)}。",
            f"Not tried, since it is led elsewhere or left out: {', '.join(names)}.",
        ),
        Text(
            "上线前对真实系统运行 govhub connectors check。", "Before going live, check them against the real system."
        ),
    )
