"""How the runtime writes function names in its texts."""


def as_printed(function):
    """Type arguments become [...], as in runtime/traceback.go (printFuncName, since 1.18)."""
    printed, depth = [], 0
    for c in function:
        if c == "[":
            if depth == 0:
                printed.append("[...]")
            depth += 1
        elif c == "]":
            depth -= 1
        elif depth == 0:
            printed.append(c)
    return "".join(printed)
