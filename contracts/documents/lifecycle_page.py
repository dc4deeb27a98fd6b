# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The page of the life of a case: a picture, the events and where they stand in the contracts, and the rules as tables."""

from collections.abc import Iterable, Iterator

from contracts.catalogue import builtin
from contracts.codes import Code as CodeList
from contracts.documents.lifecycle_picture import picture
from contracts.documents.page import (
    Block,
    Bullets,
    Code,
    Heading,
    Inline,
    Language,
    Listing,
    Page,
    PageLink,
    Paragraph,
    Span,
    Table,
    Words,
    lines,
    words,
)
from contracts.lifecycle.message import CORRECTION, READINGS, VERSION, Kind, Reading
from contracts.lifecycle.rules import (
    BARS,
    CONTRADICTION,
    CONTRADICTION_SOURCE,
    CONTRADICTS,
    ENDINGS,
    WAITS,
    Bar,
    On,
    Wait,
)
from contracts.lifecycle.standing import Ticking
from contracts.text import Text
from contracts.violations import code_list

NAME = "lifecycle"
TITLE = Text("办件生命周期", "The life of a case")

_RULE, _MESSAGES, _SOURCE = Text("规则", "Rule"), Text("消息", "Messages"), Text("依据", "Source")
_WAITS = (_RULE, _MESSAGES, Text("等待", "Waits for"), _SOURCE)
_BARS = (_RULE, _MESSAGES, Text("原因", "Reason"), _SOURCE)
_EVENTS = (
    Text("事件", "Event"),
    Text("契约", "Contract"),
    Text("结论", "Decision"),
    Text("记录的区分", "Told apart by"),
    Text("时间", "Time"),
)


def lifecycle_page() -> Page:
    """The rules of :mod:`contracts.lifecycle`."""
    return Page(
        NAME,
        TITLE,
        (
            Listing("mermaid", Text(picture(Language.ZH), picture(Language.EN))),
            _said(
                "图由规则推得：箭头上是使办件进入下一状态的消息；不改变状态的消息（环节、收费、评价、更正等）不画。",
                "The rules draw the picture: an arrow names the message that leads on; messages that change no phase are left "
                "out.",
            ),
            _said(
                "到得早的消息先寄存，所等的消息到达后重新判断；与已知记录不能并存的消息按规则编号拒收。"
                "晚到的环节、收费、领取、评价与更正照常接收。",
                "An early message is parked and judged again when what it waits for has come; one that cannot stand beside what "
                "is known is refused with the number of the rule. Late steps, fees, collections, ratings and corrections are "
                "welcome.",
            ),
            Heading(2, (words("事件与契约字段", "Events and the fields they are read from"),), "events"),
            Table(_EVENTS, tuple(_events())),
            _said(
                "记录的区分有两行的，取首个字段齐全的一行。数据取自契约的规范形式；契约的各版本、各方言读法相同。",
                "Where records are told apart by one of two lines, it is the first whose fields are all there. The data is the "
                "canonical form of its contract, so every version and every dialect is read alike.",
            ),
            Heading(2, (words("须等待的消息", "What waits"),), "waits"),
            Table(_WAITS, tuple(map(_wait, WAITS))),
            Heading(2, (words("不可能的消息", "What is impossible"),), "impossible"),
            Table(
                _BARS,
                (
                    *map(_bar, BARS),
                    (
                        (words(CONTRADICTION, CONTRADICTION),),
                        (words("任何记录", "any record"),),
                        (Words(CONTRADICTS),),
                        (Words(CONTRADICTION_SOURCE),),
                    ),
                ),
            ),
            *_corrections(),
            *_clock(),
            *_adoption(),
            *_order(),
        ),
    )


def lifecycle_rules(type_: str) -> Iterator[Block]:
    """What the rules say of the messages of one contract; nothing for one that leaves the life of a case alone."""
    kind = next((one for one in Kind if one.value == type_), None)
    if kind is None:
        return
    yield Heading(2, (words("在办件生命周期中", "In the life of a case"),), "lifecycle")
    yield Paragraph(
        (
            words("这类消息是 ", "These messages are one event of "),
            PageLink(NAME, words("办件生命周期", "the life of a case")),
            words(" 中的事件：", ": "),
            Words(kind.text),
            words("。", "."),
        )
    )
    waits = tuple(_wait(one, kind) for one in WAITS if _about(one.on, kind))
    bars = tuple(_bar(one, kind) for one in BARS if _about(one.on, kind))
    if waits:
        yield Table(_WAITS, waits)
    if bars:
        yield Table(_BARS, bars)


def _events() -> Iterator[tuple[Inline, ...]]:
    for kind, reading in READINGS.items():
        contract: Inline = (PageLink(kind.value, Code(kind.value)),)
        apart = lines(_fields(names) for names in reading.keys) or (words("每件一条", "one in a case"),)
        for event, codes in _split(kind, reading):
            asking = kind.text != event and codes == (CORRECTION,)
            yield (
                (Words(event),),
                contract,
                _decision(kind, reading, codes) if codes else (_NONE,),
                (Code(reading.at),) if asking else apart,
                (Code(reading.at),),
            )


def _split(kind: Kind, reading: Reading) -> Iterator[tuple[Text, tuple[str, ...]]]:
    """The events of a kind, and the codes that make each."""
    if reading.outcomes is None:
        yield kind.text, ()
    elif kind is Kind.COMPLETION:
        for group, text in ENDINGS.items():
            yield Text(f"{kind.text.zh}：{text.zh}", f"{kind.text.en}: {text.en}"), group
    elif not reading.keys:
        yield kind.text, tuple(code.value for code in reading.outcomes if code != CORRECTION)
        yield Text(f"{kind.text.zh}要求补正", f"{kind.text.en} that asks for corrections"), (CORRECTION,)
    else:
        yield kind.text, tuple(code.value for code in reading.outcomes)


def _decision(kind: Kind, reading: Reading, codes: tuple[str, ...]) -> Inline:
    assert reading.outcomes is not None
    assert reading.decides is not None
    told = [code for code in reading.outcomes if code.value in codes]
    return lines((Code(f"{reading.decides} = {code.value}"), *_meant(kind, reading.decides, code)) for code in told)


def _meant(kind: Kind, field: str, code: CodeList) -> Inline:
    """What a code means, and since which version of the contract there is one."""
    since = next(
        contract.version
        for contract in builtin().versions(kind.value)
        if code.value in map(str, code_list(contract.model.model_fields[field].annotation) or ())
    )
    said = Text(f" {code.text.zh}", f" {code.text.en}")
    if since > 1:
        said = Text(f"{said.zh}（第 {since} 版起）", f"{said.en} (since version {since})")
    return (Words(said),)


def _corrections() -> Iterator[Block]:
    yield Heading(2, (words("重复与更正", "Repeats and corrections"),), "corrections")
    yield Paragraph(
        (
            words("同一记录以 ", "Versions of one record are told apart by "),
            Code(VERSION),
            words(
                " 区分版本：版本相同而结论相同为重复，版本更大为更正，版本更小的晚到者不再改变状态。"
                "更正可以改变结论与时间；预审、受理的结论每件各一条，时间改变仍是同一记录。",
                ": the same version that decides the same is a repeat, a higher one is a correction, and a lower one that comes "
                "late changes nothing. A correction may change decision and time; a case has one finding of its prereview and "
                "one of its acceptance, whatever time they tell.",
            ),
        )
    )
    yield _said(
        "要求补正的预审、受理结论不是结论，而是补正请求，以时间区分；更正为要求补正（版本更大、时间不早于它）的不予受理不再成立。",
        "A prereview or an acceptance that asks for corrections concludes nothing: it is a request, told apart by its time. A "
        "refusal that is corrected into one (of a higher version and no earlier time) stands no longer.",
    )
    yield _said(
        "补正受理与补正告知都有编号的，按编号配对；一方无编号的，按时间：补正受理答复此前的全部请求（法定一次告知）。"
        "此后的预审通过、受理、不予受理也使此前的请求了结。",
        "An answer and a notice that both have a number pair by it. Where one has none, time decides: an answer is one to all "
        "that was asked before it, since the law has everything asked for at once. A later finding that passes, accepts or "
        "refuses settles what was asked before it, too.",
    )


def _clock() -> Iterator[Block]:
    yield Heading(2, (words("法定时限", "The legal clock"),), "clock")
    said = {
        Ticking.NOT_STARTED: Text("尚未受理", "the case has not been accepted yet"),
        Ticking.RUNNING: Text("已受理，无暂停事由", "it has been accepted, and nothing pauses it"),
        Ticking.PAUSED: Text(
            "特别程序（延长审批除外：只延长，不暂停）或补正请求尚未了结",
            "a special procedure is open (not an extension, which lengthens and does not pause), or a request for correction",
        ),
        Ticking.STOPPED: Text(
            "已办结，或不予受理；办结即结束尚未了结的特别程序与补正",
            "the case is completed or refused; a completion ends whatever is still open",
        ),
    }
    yield Bullets(
        tuple((Code(one.value), Words(Text(f" {one.text.zh}：{why.zh}", f": {why.en}"))) for one, why in said.items())
    )
    yield _said(
        "依据：行政许可法，听证、招标、检验、鉴定、专家评审等所需时间不计入办理期限。特别程序未见结束而办结的，不等其结束：结束可能永不到来。",
        "Source: the Administrative Licensing Law does not count the time that hearings, tenders, inspections, appraisals or "
        "expert reviews take. A completion does not wait for the end of an open procedure, which may never come.",
    )


def _adoption() -> Iterator[Block]:
    yield Heading(2, (words("中途接入的办件", "Cases that were under way before"),), "adoption")
    yield _said(
        "受理、预审、补正告知都表明有过申请，因此不等申请：国家前置库没有申请表，受理记录自带申请者；窗口申请也可能从不经过中枢。",
        "An acceptance, a prereview and a notice of correction all show that there was an application, so they do not wait for "
        "it: the national front database has no table of applications, its acceptances repeat the applicant, and an application "
        "at a window may never pass the hub.",
    )
    yield _said(
        "系统接入时已在办的办件，其受理等先前记录不会再来。此类办件一经设为中途接入（adopted），不再等待任何先前记录，"
        "寄存的消息随即放行；不能并存的规则照常适用。何时设由接入方式决定（接入日之前的办件、寄存超期或由平台运维指定），"
        "先设后设，最终状态相同。",
        "A case that was under way when its system was connected will never be told from its beginning. Once it is adopted, "
        "nothing waits for an earlier record and what was parked is let through; what is impossible stays impossible. When to "
        "adopt is a matter of the connection (cases from before its first day, messages parked too long, an operator's word), "
        "and makes no difference to the state that is reached.",
    )


def _order() -> Iterator[Block]:
    yield Heading(2, (words("到达次序", "The order of arrival"),), "order")
    yield _said(
        "消息到达的先后不影响结果：同一组合规的记录，无论以何种次序到达，最终状态相同，无一寄存、无一拒收。",
        "The order of arrival does not count: the same lawful records come to the same state whichever came first, and none of "
        "them stays parked or is refused.",
    )
    yield _said(
        "唯一的例外是改变结论的更正：更正到达之前，与被更正的结论不能并存的消息（例如不予受理之后的环节）按当时所知拒收，"
        "因为多数是编号写错，当面拒收最早发现。更正到达后按原次序重发被拒收的消息，最终状态与按序到达相同。",
        "One exception: a correction that changes a decision. Until it comes, a message that cannot stand beside the decision "
        "(a step after a refusal, for instance) is refused by what is known: mostly its case number is wrong, and a refusal to "
        "the sender's face finds that soonest. What was refused, sent again in its order after the correction, leads to the "
        "same state.",
    )


def _about(on: tuple[On, ...], kind: Kind) -> bool:
    return any(one.kind is kind for one in on)


def _wait(wait: Wait, kind: Kind | None = None) -> tuple[Inline, ...]:
    return _row(wait.number, wait.on, wait.needs, wait.source, kind)


def _bar(bar: Bar, kind: Kind | None = None) -> tuple[Inline, ...]:
    return _row(bar.number, bar.on, bar.text, bar.source, kind)


def _row(number: str, on: tuple[On, ...], text: Text, source: Text | None, kind: Kind | None) -> tuple[Inline, ...]:
    """A rule as far as it is about this kind; None: about any."""
    named = lines(_named(one) for one in on if kind is None or one.kind is kind)
    return (words(number, number),), named, (Words(text),), (Words(source) if source else _NONE,)


def _named(on: On) -> Inline:
    if not on.outcomes:
        return (Words(on.kind.text),)
    codes = READINGS[on.kind].outcomes or ()
    decided = [code.text for code in codes if code.value in on.outcomes]
    outcomes = words(f"（{'、'.join(one.zh for one in decided)}）", f" ({', '.join(one.en for one in decided)})")
    return Words(on.kind.text), outcomes


def _fields(names: Iterable[str]) -> Inline:
    spread: list[Span] = []
    for name in names:
        spread += [words(" + ", " + "), Code(name)] if spread else [Code(name)]
    return tuple(spread)


def _said(zh: str, en: str) -> Paragraph:
    return Paragraph((words(zh, en),))


_NONE = words("—", "—")
