"""Passing requests on to Prefect's server, and its answers back, as they come.

Of what a browser says only what stands here goes on: no cookie of ours, no claim of who or from where somebody is. Of
what Prefect says only what stands here comes back.
"""

from collections.abc import AsyncIterator, Iterable

import httpx
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from web.prefect import upstream

#: Which of its two UIs a browser shows; Prefect's own script sets it.
UI_COOKIE = "prefect_ui_version"
_INWARD = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"cache-control",
        b"content-length",
        b"content-type",
        b"if-modified-since",
        b"if-none-match",
        b"prefect-csrf-client",
        b"prefect-csrf-token",
        b"range",
        b"sec-fetch-dest",
        b"sec-fetch-mode",
        b"user-agent",
        b"x-prefect-api-version",
    }
)
_OUTWARD = frozenset(
    {
        b"accept-ranges",
        b"content-disposition",
        b"content-encoding",
        b"content-length",
        b"content-range",
        b"content-type",
        b"etag",
        b"last-modified",
        b"retry-after",
        b"vary",
    }
)
#: As far as Prefect's UI works under it: it styles from scripts, and draws a run with `eval`. It loads nothing from
#: elsewhere, and tells nobody else what people do in it.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: Files whose names change with their content.
_UNCHANGING = ("/assets/", "/v2/assets/")
_A_DAY = "private, max-age=86400"


async def pass_on(request: Request, body: bytes | None = None) -> Response:
    """Prefect's answer to a request that is allowed; with `body` in place of what was sent. Raises Unavailable."""
    content: bytes | AsyncIterator[bytes] | None = body
    if body is None and _has_body(request):
        content = request.stream()
    answer = await upstream.send(
        upstream.client().build_request(
            request.method,
            upstream.address(),
            headers=inward(request, body),
            content=content,
            # Byte for byte what the table was asked about.
            extensions={"target": _target(request), "timeout": upstream.client().timeout.as_dict()},
        ),
        stream=True,
    )
    response = StreamingResponse(_streamed(answer), answer.status_code)
    response.raw_headers = list(outward(request, answer))
    return response


def inward(request: Request, body: bytes | None) -> list[tuple[bytes, bytes]]:
    """The headers with which a request goes on."""
    kept = [(name, value) for name, value in request.headers.raw if name.lower() in _INWARD]
    if body is not None:
        kept = [(name, value) for name, value in kept if not name.lower().startswith(b"content-")]
        kept.append((b"content-type", b"application/json"))
    if request.cookies.get(UI_COOKIE) in {"v1", "v2"}:
        kept.append((b"cookie", f"{UI_COOKIE}={request.cookies[UI_COOKIE]}".encode()))
    return [*kept, *((name.encode(), value.encode()) for name, value in upstream.key().items())]


def outward(request: Request, answer: httpx.Response) -> Iterable[tuple[bytes, bytes]]:
    """The headers with which an answer comes back."""
    for name, value in answer.headers.raw:
        if name.lower() in _OUTWARD:
            yield name.lower(), value
    if to := answer.headers.get("location"):
        yield b"location", to.removeprefix(upstream.address()).encode()
    yield b"content-security-policy", CONTENT_SECURITY_POLICY.encode()
    if request.scope["path"].startswith(_UNCHANGING) and answer.is_success:
        yield b"cache-control", _A_DAY.encode()


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"


def _target(request: Request) -> bytes:
    stem = httpx.URL(upstream.address()).raw_path.rstrip(b"/")
    query: bytes = request.scope["query_string"]
    path: bytes = request.scope["raw_path"]
    return stem + path + (b"?" + query if query else b"")


async def _streamed(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_raw():
            yield piece
    finally:
        await answer.aclose()
