"""The browser's session: cookies over the sessions of accounts, the origin of what is posted, the
language and the theme.
"""

from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.accounts.sessions import Session, Sessions
from services.gateway.edge.admission import is_open, is_page
from services.gateway.edge.context import find_context
from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.web.catalogue import DEFAULT, LANGUAGES
from services.gateway.web.problems import problem_of
from services.gateway.web.refusals import (
    problem_of_refusal,
    refuse_origin,
    send_to_sign_in,
    show_problem,
)
from shared.context import language as language_of_texts
from shared.errors import Refusal, Unauthenticated
from shared.web.language import negotiated

ACCESS, REFRESH = "sales_access", "sales_refresh"
LANGUAGE, THEME, ROOM = "sales_language", "sales_theme", "sales_room"
THEMES = ("light", "dark")
_YEAR = 365 * 86_400
_MONTH = 30 * 86_400
_EARLY_SECONDS = 30
_KEY = "gateway.browser"


@dataclass(slots=True)
class Browser:
    """What a browser sends along: its cookies, and whether a script asks for a part of a page.

    `set_cookies` go out with the answer.
    """

    cookies: dict[str, str]
    language: str
    theme: str
    is_secure: bool
    wants_fragment: bool
    set_cookies: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, scope: Scope) -> "Browser":
        headers = dict(scope["headers"])
        cookies = parse_cookies(headers.get(b"cookie", b"").decode("latin-1"))
        accepted = headers.get(b"accept-language", b"")[:200].decode("latin-1")
        language = cookies.get(LANGUAGE) or (negotiated(accepted) if accepted else DEFAULT)
        theme = cookies.get(THEME, "")
        return cls(
            cookies,
            language if language in LANGUAGES else DEFAULT,
            theme if theme in THEMES else "",
            scope["scheme"] == "https",
            b"hx-request" in headers,
        )

    def remember(self, session: Session) -> None:
        """Keeps a session; the short token leaves the browser a little before it expires."""
        seconds = max(session.expires_in - _EARLY_SECONDS, 1)
        self.cookies |= {ACCESS: session.access_token, REFRESH: session.refresh_token}
        self.set_cookie(ACCESS, session.access_token, seconds)
        self.set_cookie(REFRESH, session.refresh_token, _MONTH)

    def forget(self) -> None:
        """Drops the session's cookies."""
        for name in (ACCESS, REFRESH):
            self.cookies.pop(name, None)
            self.set_cookie(name, "", 0)

    def set_cookie(self, name: str, value: str, seconds: int = _YEAR) -> None:
        """Sets a cookie for `seconds`, which no script reads."""
        secure = "; Secure" if self.is_secure else ""
        self.set_cookies.append(
            f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}".encode()
        )


def browser_of(scope: Scope) -> Browser:
    """The browser that `BrowserSessions` attached to a page's request."""
    browser: Browser = scope[_KEY]
    return browser


def parse_cookies(header: str) -> dict[str, str]:
    """The cookies of a request by name; of equal names the first, which is the closest path's."""
    cookies: dict[str, str] = {}
    for part in header.split(";"):
        name, separator, value = part.strip().partition("=")
        if separator:
            cookies.setdefault(name, value)
    return cookies


def is_same_origin(headers: dict[bytes, bytes]) -> bool:
    """Whether a page of ours posted: by `Origin`, by `Sec-Fetch-Site` where that is withheld."""
    origin = headers.get(b"origin", b"null").decode("latin-1")
    if origin == "null":
        return headers.get(b"sec-fetch-site") == b"same-origin"
    return urlsplit(origin).netloc == headers.get(b"host", b"").decode("latin-1")


class BrowserSessions:
    """Pure ASGI, outside of admission: gives the request of a page the token of its cookie."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app, self._sessions = app, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_page(scope["path"]):
            await self._app(scope, receive, send)
            return
        browser = scope[_KEY] = Browser.of(scope)
        language_of_texts.set(browser.language)
        if scope["method"] not in ("GET", "HEAD") and not is_same_origin(dict(scope["headers"])):
            await refuse_origin(browser.language)(scope, receive, send)
            return
        send = _with_cookies(browser, send)
        if not is_open(scope["path"]):
            try:
                token = await self._token(browser)
            except Refusal as refusal:
                # The session may well be good: its cookies stay for the next try.
                problem = problem_of_refusal(refusal)
                answer = show_problem(problem, browser.language, browser.wants_fragment)
                await answer(scope, receive, send)
                return
            if token is None:
                await self.sign_in(browser, scope, receive, send)
                return
            _authorize(scope, token)
            send = _PageRefusals(self, browser, scope, receive, send)
        await self._app(scope, receive, send)

    async def _token(self, browser: Browser) -> str | None:
        """The access token, refreshed where it has expired; None without a session.

        Raises `Unavailable` where that is not to be known now.
        """
        if access := browser.cookies.get(ACCESS):
            return access
        if not (refresh := browser.cookies.get(REFRESH)):
            return None
        try:
            session = await self._sessions.refresh(refresh)
        except Unauthenticated:
            return None
        browser.remember(session)
        return session.access_token

    async def sign_in(self, browser: Browser, scope: Scope, receive: Receive, send: Send) -> None:
        browser.forget()
        path, query = scope["path"], scope["query_string"].decode("latin-1")
        headers = dict(scope["headers"])
        if scope["method"] not in ("GET", "HEAD") or browser.wants_fragment:
            # Back to the page with the form, not to what the form posts to.
            shown = headers.get(b"hx-current-url") or headers.get(b"referer") or b"/"
            parts = urlsplit(shown.decode("latin-1"))
            path, query = parts.path or "/", parts.query
        target = quote(f"{path}?{query}" if query else path, safe="/")
        # A stream cannot follow to another page: it ends, and the page's next request tells.
        is_stream = headers.get(b"accept") == b"text/event-stream"
        is_part = browser.wants_fragment or is_stream
        answer = send_to_sign_in(target, is_part, browser.language)
        await answer(scope, receive, send)


class _PageRefusals:
    """Sends on; what admission refused goes out as a page, or as the way to sign in."""

    def __init__(
        self,
        sessions: BrowserSessions,
        browser: Browser,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._sessions, self._browser = sessions, browser
        self._scope, self._receive, self._send = scope, receive, send
        self._status = 0

    async def __call__(self, message: Message) -> None:
        is_start = message["type"] == "http.response.start"
        if is_start and message["status"] >= 400 and find_context(self._scope) is None:
            self._status = message["status"]
        elif not self._status:
            await self._send(message)
        elif self._status == 401:
            sign_in = self._sessions.sign_in
            await sign_in(self._browser, self._scope, self._receive, self._send)
        else:
            problem = problem_of(UpstreamResponse(self._status, [], message["body"]))
            browser = self._browser
            answer = show_problem(problem, browser.language, browser.wants_fragment)
            await answer(self._scope, self._receive, self._send)


def _authorize(scope: Scope, token: str) -> None:
    """The cookie's token in place of what else came: pages know browsers only."""
    headers = [header for header in scope["headers"] if header[0] != b"authorization"]
    scope["headers"] = [*headers, (b"authorization", f"Bearer {token}".encode("latin-1"))]


def _with_cookies(browser: Browser, send: Send) -> Send:
    async def send_with_cookies(message: Message) -> None:
        if message["type"] == "http.response.start":
            cookies = [(b"set-cookie", cookie) for cookie in browser.set_cookies]
            message["headers"] = [*message.get("headers", ()), *cookies]
        await send(message)

    return send_with_cookies
