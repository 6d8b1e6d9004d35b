"""What Prefect's UI is told of the server that it belongs to."""

import httpx
from starlette.responses import JSONResponse, Response

from web.prefect import upstream
from web.prefect.calls import Call
from web.prefect.proxy import pass_on

#: Without an answer its pages do not open. Prefect's settings tell how a system is built, so most people get these.
_SETTINGS = {
    "server": {"analytics_enabled": False, "ui": {"show_promotional_content": False}},
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": False,
}


async def address(call: Call) -> Response:
    """`GET /ui-settings`: where people reach the server, and that it need not ask for a password."""
    asked = upstream.client().build_request("GET", f"{upstream.address()}/ui-settings", headers=upstream.key())
    answer = await upstream.send(asked)
    try:
        told = answer.raise_for_status().json()
    except (httpx.HTTPStatusError, ValueError) as error:
        raise upstream.unreachable(error) from error
    return JSONResponse({**told, "auth": None, "api_url": f"{call.request.app.state.settings.public_url}/api"})


async def settings(call: Call) -> Response:
    """`GET /api/admin/settings`: all of them for administrators, for others what their pages cannot do without."""
    return await pass_on(call.request) if call.is_an_administrators else JSONResponse(_SETTINGS)
