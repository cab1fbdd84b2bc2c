"""What a read model keeps of a client beside its name: a sign each for large and do not call."""

_SET, _UNSET = "1", "0"


def marks_of(large: bool, do_not_call: bool) -> str:
    """The marks as they are stored."""
    return "".join(_SET if mark else _UNSET for mark in (large, do_not_call))


def marks_in(stored: bytes) -> dict[str, bool]:
    """The marks as a client's summary shows them; none of a client that is not known yet."""
    signs = stored.decode().ljust(2, _UNSET)
    return {"large": signs[0] == _SET, "do_not_call": signs[1] == _SET}
