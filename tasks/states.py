"""The words for states of cases, tasks and deadlines, as people read them."""

from models.language import N_, _

#: From the state to its word in the language in force.
STATES = {
    "running": lambda: _(N_("running")),
    "paused": lambda: _(N_("paused")),
    "met": lambda: _(N_("met")),
    "breached": lambda: _(N_("breached")),
    "waiting": lambda: _(N_("waiting for a person")),
    "closed": lambda: _(N_("closed")),
    "withdrawn": lambda: _(N_("withdrawn")),
}
