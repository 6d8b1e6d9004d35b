"""What a policy says on who gets in, who acts for whom, and what they may do in Prefect (访问与代理).

The manual says nothing on it: it knows paper and signatures.
"""

from typing import Annotated

from pydantic import Field

from models.data_files import Strict
from models.labels import Labelled
from models.language import N_
from models.roles import Role


class LinkUse(Labelled):
    """What a link in a mail is good for."""

    DECIDE = "decide", N_("whoever has the link answers the question, in the name of whom it was sent to")
    LOGIN = "login", N_("it leads to the question; whoever answers signs in first")


class AccessPolicy(Strict):
    """Who may do what in Prefect, how long people stay signed in, and who may stand in for whom.

    It holds as it is in force now, for open cases too: it is about people, not about how a case goes.
    """

    #: May start procedures in Prefect, and read what runs there.
    operators: tuple[Role, ...] = (
        Role.CS_CLERK,
        Role.OFFICE_MANAGER,
        Role.REGIONAL_MANAGER,
        Role.PURCHASING_DEPT,
        Role.LOGISTICS_DEPT,
    )
    #: May answer there what they may answer elsewhere, besides.
    managers: tuple[Role, ...] = (Role.CS_MANAGER, Role.MARKETING_VP, Role.TECHNOLOGY_HEAD)
    #: May read there, and nothing else.
    auditors: tuple[Role, ...] = (Role.AUDITOR,)
    #: May do everything that Prefect can.
    administrators: tuple[Role, ...] = (Role.ADMINISTRATOR,)
    #: What a link in a mail is good for, and for how many hours.
    links: LinkUse = LinkUse.LOGIN
    link_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 72
    #: Hours after which a session ends whatever happens, and minutes without use after which it ends before.
    session_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 12
    idle_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 120
    #: Who may say that somebody stands in for somebody else; everybody may say it for themselves.
    delegators: tuple[Role, ...] = (Role.CS_MANAGER, Role.MARKETING_VP)
    #: How many may stand one behind the other: 1 is a deputy, 2 a deputy's deputy.
    longest_chain: Annotated[int, Field(ge=1, le=5)] = 2
