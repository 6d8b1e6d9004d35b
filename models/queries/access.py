"""What the policy in force says on access (访问); a case's own version does not matter for it."""

from sqlalchemy.orm import Session

from models.queries import policies
from models.sections.access import AccessPolicy


def access(session: Session) -> AccessPolicy:
    """Who may do what in Prefect, how sessions end, who may stand in for whom. Raises NotFound without a policy."""
    return AccessPolicy.model_validate(policies.current(session).content.get("access", {}))
