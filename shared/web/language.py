"""In which language a request is answered: `Accept-Language`, RFC 9110."""

from functools import lru_cache

from shared.web.messages import DEFAULT, MESSAGES

_LONGEST = 200


def language_of(headers: list[tuple[bytes, bytes]]) -> str:
    """The language of a request's texts, from its raw headers; English where it names none that
    there is.
    """
    for name, value in headers:
        if name == b"accept-language":
            return negotiated(value[:_LONGEST].decode("latin-1"))
    return DEFAULT


@lru_cache(maxsize=512)
def negotiated(header: str) -> str:
    """The language with the highest quality in `Accept-Language`; of equals the first named."""
    best, quality = DEFAULT, 0.0
    for part in header.split(","):
        tag, *parameters = (piece.strip() for piece in part.split(";"))
        primary = tag.split("-")[0].lower()
        language = DEFAULT if primary == "*" else primary
        if language in MESSAGES and _quality(parameters) > quality:
            best, quality = language, _quality(parameters)
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value) if 0 <= float(value) <= 1 else 0.0
            except ValueError:
                return 0.0
    return 1.0
