"""`python -m deploy.styles`: write Bootstrap less the rules that no page uses, which goes out."""

import re
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from deploy.local import npm
from deploy.local.errors import CannotRun

WEB = Path(__file__).resolve().parents[1] / "services/gateway/web"
WHOLE = WEB / "static/vendor/bootstrap/dist/css/bootstrap.min.css"
USED = WEB / "static/bootstrap.css"
MARKUP = ("templates/**/*.html", "static/page/*.js", "static/password.js")
"""Where the classes of pages are named; Python names none of Bootstrap's."""
PURGECSS = "8.0.0"
_WORD = re.compile(r"[A-Za-z][\w-]*")
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
_TAG = re.compile(r"<([a-z][a-z0-9]*)")


def head_line() -> str:
    """The first line of the file: a digest of Bootstrap and of what of it the pages use now."""
    markup = "\n".join(path.read_text() for glob in MARKUP for path in sorted(WEB.glob(glob)))
    bootstrap = WHOLE.read_text()
    classes = set(_CLASS.findall(bootstrap)) & set(_WORD.findall(markup))
    used = ["", *sorted(classes), "", *sorted(set(_TAG.findall(markup)))]
    digest = sha256((bootstrap + "\n".join(used)).encode()).hexdigest()
    return f"/* Made by `make styles`; do not edit. {digest[:16]} */\n"


def make() -> str:
    """The styles that are used.

    Raises:
        CannotRun: the registry cannot be reached, or PurgeCSS fails.
    """
    with tempfile.TemporaryDirectory() as scratch:
        arguments = ["--css", str(WHOLE), "--output", scratch, "--keyframes", "--content"]
        npm.run("purgecss", PURGECSS, [*arguments, *(str(WEB / glob) for glob in MARKUP)])
        return head_line() + (Path(scratch) / WHOLE.name).read_text()


def main() -> int:
    """Exit code 1 where the styles cannot be made."""
    try:
        USED.write_text(make())
    except CannotRun as cause:
        print(f"styles: {cause}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
