"""The pages on which people see and decide what is theirs."""

from starlette.routing import BaseRoute, Route

from web.pages import case, delegations, documents, inbox, photos, remarks, task

ROUTES: list[BaseRoute] = [
    Route("/inbox", inbox.inbox),
    Route("/tasks/{ref}", task.task),
    Route("/tasks/{ref}", task.answer, methods=["POST"]),
    Route("/tasks/{ref}/done", task.done),
    Route("/tasks/{ref}/claim", task.claim, methods=["POST"]),
    Route("/tasks/{ref}/release", task.release, methods=["POST"]),
    Route("/tasks/{ref}/hand-over", task.hand_over, methods=["POST"]),
    Route("/cases/{number}", case.case),
    Route("/cases/{number}/notices/{notice:int}", case.notice),
    Route("/cases/{number}/remarks", remarks.remark, methods=["POST"]),
    Route("/cases/{number}/questions", remarks.ask_back, methods=["POST"]),
    Route("/cases/{number}/questions/{question:int}", remarks.answer_back, methods=["POST"]),
    Route("/cases/{number}/photos", photos.attach, methods=["POST"]),
    Route("/photos/{photo:int}", photos.photo),
    Route("/documents/{number}/{kind}/{n:int}", documents.document),
    Route("/delegations", delegations.delegations),
    Route("/delegations", delegations.make, methods=["POST"]),
    Route("/delegations/{number:int}/end", delegations.end, methods=["POST"]),
]
