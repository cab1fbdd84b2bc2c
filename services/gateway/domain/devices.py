"""The kind of device that a session was opened with, told from its User-Agent.

Only the family is kept: the whole header is the client's to fill, and would identify a person.
"""

# The first that occurs decides: browsers name their ancestors as well.
_PROGRAMS = (
    ("YaBrowser/", "Yandex Browser"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "Python"),
    ("Python", "Python"),
    ("okhttp/", "Android app"),
    ("Java/", "Java"),
    ("1C+Enterprise/", "1C"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_LONGEST = 1_000


def device_family(user_agent: str) -> str:
    """Program and system, such as `Firefox, Windows`; empty where neither is known."""
    text = user_agent[:_LONGEST]
    families = (_first(text, names) for names in (_PROGRAMS, _SYSTEMS))
    return ", ".join(family for family in families if family)


def _first(text: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((family for mark, family in names if mark in text), "")
