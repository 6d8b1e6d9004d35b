"""The articles of manual 000 (客户服务部管理手册): where each stands, and what it asks for in our words.

`docs/manual.md` tells from this where each is carried out; `make manual` writes it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Article:
    """One duty or rule of the manual.

    `left_to` says who keeps it where no procedure of this software does; it is empty otherwise.
    """

    place: str
    asks: str
    left_to: str = ""


ARTICLES: tuple[Article, ...] = (
    Article("一.1", "Customer service sets the standards of after-sales and changes them; it plans its resources."),
    Article("一.2", "It guides offices in planning, building and inspecting the network of stations."),
    Article("一.3", "It collects what users and customers say and passes it on to the departments."),
    Article("一.4", "It approves plan, issue and handling of defective goods and parts, and holds cost down."),
    Article("一.5", "It interprets the policy finally and rules on disputes."),
    Article(
        "一.6",
        "It helps the marketing vice-president in public incidents.",
        "People: the vice-president leads in person; an urgent notice and its mail reach the vice-president at once.",
    ),
    Article(
        "一.7",
        "It patrols and audits the offices with sales planning and finance.",
        "The office audit, a procedure of its own that these five do not cover.",
    ),
    Article("二", "The manager leads the department, with two clerks."),
    Article("三 经理 A", "The manager sets standards and how they are carried out."),
    Article("三 经理 B", "The manager reviews issue, return and exchange of defective goods and parts."),
    Article("三 经理 C", "The manager guides planning, development, set-up and upkeep of stations."),
    Article("三 经理 D", "The manager keeps a file of each station and repairer, trains and supports them."),
    Article(
        "三 经理 E",
        "The manager budgets, settles and submits the repair fees every month.",
        "The monthly form counts the fees; budget and settlement are a procedure that these five do not cover.",
    ),
    Article("三 经理 F", "The manager analyses quality information and sends the monthly form to five departments."),
    Article("三 经理 G", "The manager explains the policy and settles disputes with users."),
    Article(
        "三 经理 H",
        "The manager runs the department and helps with monthly and quarterly appraisal.",
        "People: appraisal is the administration's; whose time went by is kept by every deadline for it.",
    ),
    Article(
        "三 经理 I",
        "The manager plans visits to the offices and has their books audited.",
        "The office audit, a procedure of its own that these five do not cover.",
    ),
    Article("三 内勤 A", "The clerk keeps station agreements and files."),
    Article("三 内勤 B", "The clerk helps the areas, explains the policy and advises."),
    Article("三 内勤 C", "The clerk counts repairs, parts used and fees from the repair reports and keeps ledgers."),
    Article("三 内勤 D", "The clerk counts, gathers and feeds back quality and service information."),
    Article("三 内勤 E", "The clerk keeps in touch with the areas and feeds problems back."),
    Article(
        "三 内勤 F",
        "The clerk helps with the figures and the report of the office audit.",
        "The office audit, a procedure of its own that these five do not cover.",
    ),
    Article("三 内勤 G", "The clerk does what else the manager asks."),
    Article("四.1 art. 1", "Warranty terms from the day of purchase; beyond them parts and 10 % of their price."),
    Article(
        "四.1 art. 2",
        "When an energy-saving lamp is exchanged: the tests A to D.",
        "The terminal at its counter, by looking at the lamp; the term of a lamp stands in the policy.",
    ),
    Article("四.1 art. 3", "A batch in dispute is judged on site within two days; all of it comes back at our cost."),
    Article("四.1 art. 4", "Loss or damage in transit: we help the customer to claim on the carrier."),
    Article("四.1 art. 5", "Each level answers for the service of the level that it supplies."),
    Article("四.1 art. 6", "A station exchanges faulty parts for good ones at a distributor or office."),
    Article("四.1 art. 7", "Offices and regional managers mediate; what they cannot settle is ruled on finally."),
    Article("四.2 art. 1", "Terminals exchange by the standard, and name the station of the area for repairs."),
    Article("四.2 art. 2", "Repair on the spot, else within three days promised; overdue means exchange."),
    Article("四 维修服务网点的建设", "Building the network of stations (title only)."),
    Article(
        "四 办事处审计检查管理制度",
        "Audit of the offices (title only).",
        "The office audit, a procedure of its own that these five do not cover.",
    ),
    Article("五 维修点开发流程", "Development of a repair station (title only)."),
    Article("五 维修配件返厂、对换流程", "Return and exchange of parts at the factory (title only)."),
    Article("五 信息反馈流程", "Information feedback (title only)."),
    Article(
        "五 办事处审计检查管理流程",
        "Course of the office audit (title only).",
        "The office audit, a procedure of its own that these five do not cover.",
    ),
    Article("六 工具表格", "Forms (title only): what is asked and filed in each procedure."),
)

PLACES = frozenset(article.place for article in ARTICLES)

_TITLES = "|".join(
    re.escape(place)
    for place in sorted(PLACES, key=len, reverse=True)
    if place[0] in "四五六" and " " in place and "art." not in place
)
_MORE = r"(?:(?:, | and | to |–)%s)*"
_CITED = re.compile(
    r"(?P<chapter>四\.[12]) 第(?P<figure>[一二三四五六七])条"
    r"|(?P<articles>四\.[12]) art\. (?P<numbers>\d" + _MORE % r"\d(?![\d.])" + r")"
    r"|三 (?P<post>经理|内勤) (?P<letters>[A-I]\b" + _MORE % r"[A-I]\b" + r")"
    r"|(?<=000 )(?P<chart>二)(?=\b|:)"
    r"|(?<!4-\d )一\.(?P<duty>[1-7])"
    rf"|(?P<title>{_TITLES})"
)


def cited_in(text: str) -> Iterator[str]:
    """The places of the articles that a text names, such as `四.1 art. 5 and 7` or `三 经理 F, 四.1 art. 3`."""
    for found in _CITED.finditer(" ".join(text.split())):
        if found["chapter"]:
            yield f"{found['chapter']} art. {'一二三四五六七'.index(found['figure']) + 1}"
        elif found["articles"]:
            yield from (f"{found['articles']} art. {number}" for number in re.findall(r"\d", found["numbers"]))
        elif found["post"]:
            yield from (f"三 {found['post']} {letter}" for letter in re.findall("[A-I]", found["letters"]))
        elif found["chart"]:
            yield found["chart"]
        elif found["duty"]:
            yield f"一.{found['duty']}"
        else:
            yield found["title"]
