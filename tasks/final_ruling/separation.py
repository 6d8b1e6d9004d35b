"""Who may rule: not whoever registered the matter, where the policy keeps the two apart."""

from sqlalchemy.orm import Session

from models.language import N_, _
from models.policy import Policy
from models.queries import people
from models.roles import Role

#: The task in which the manager rules.
RULING = "final-ruling"


def nobody_left_to_rule(session: Session, login: str, policy: Policy) -> dict[str, str]:
    """The fault of a report that the only person registers who could rule on it; nothing if somebody else can."""
    managers = {one.login for one in people.holders(session, Role.CS_MANAGER)}
    if "report" not in policy.kept_apart_from(RULING) or managers != {login}:
        return {}
    sentence = _(
        N_("Whoever registers a matter does not rule on it, and nobody else is {role}; let somebody else register it."),
        role=Role.CS_MANAGER.label,
    )
    return {"registered_by": sentence}
