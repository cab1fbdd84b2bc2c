"""Tenants' short names: what people type beside an e-mail that has accounts in several tenants."""

SHORTEST, LONGEST = 3, 40
PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_LATIN = dict(zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziyklmnoprstufye", strict=True)) | {
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
}


def suggested(name: str) -> str:
    """A short name made of a tenant's name: Latin letters and digits with hyphens between."""
    latin = "".join(_LATIN.get(letter, letter) for letter in name.lower())
    words = "".join(
        letter if letter.isascii() and letter.isalnum() else " " for letter in latin
    ).split()
    short = "-".join(words)[: LONGEST - 8].strip("-")
    return short if len(short) >= SHORTEST else f"tenant-{short}".strip("-")


def variants(short_name: str, suffix: str) -> list[str]:
    """What to try where `short_name` is taken: a few numbers, then a suffix that nobody has."""
    numbered = (f"{short_name}-{number}" for number in range(2, 10))
    return [short_name, *numbered, f"{short_name}-{suffix}"]
