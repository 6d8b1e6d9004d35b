"""Runs the web part: `python -m web`, on AFTERSALES_WEB_HOST and AFTERSALES_WEB_PORT."""

import logging
import sys

import uvicorn

from models.errors import AfterSalesError
from models.language import speak
from tasks.settings import settings
from web.app import create_app
from web.patience import patient
from web.settings import WebSettings

#: Bytes of the head of a request, and connections at once; what comes over that is refused.
_LARGEST_HEAD = 16 * 1024
_CONNECTIONS = 500


def main() -> int:
    """Serves until it is told to end; wrong settings are said in a sentence."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    # One line for each mail and each question to Prefect would bury the rest.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        speak(settings().language)
        app = create_app()
    except AfterSalesError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_status
    told: WebSettings = app.state.settings
    uvicorn.run(
        app,
        host=told.web_host,
        port=told.web_port,
        http=patient(told.web_head_seconds, told.web_body_seconds),
        h11_max_incomplete_event_size=_LARGEST_HEAD,
        limit_concurrency=_CONNECTIONS,
        proxy_headers=bool(told.trusted_proxy),
        forwarded_allow_ips=told.trusted_proxy or None,
        server_header=False,
        access_log=False,
        log_config=None,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
