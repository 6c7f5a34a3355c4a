"""The benchmark's one table."""

import dataclasses


def ms(seconds):
    return f"{seconds:.1f} s" if seconds >= 10 else f"{seconds * 1000:,.1f} ms"


def mb(size):
    return f"{size / 1_000_000:,.0f} MB"


@dataclasses.dataclass
class Cell:
    """A measured value, and what it cost the target where that was watched."""

    value: str
    stall: str = ""
    growth: str = ""

    @staticmethod
    def of(runs):
        if runs.stall is None:
            return Cell(ms(runs.seconds))
        return Cell(ms(runs.seconds), ms(runs.stall), "+" + mb(runs.target_growth))


NOTHING = Cell("")


class Table:
    HEADS = ("work", "chanspect", "stall", "memory", "against", "takes", "stall", "memory", "ratio",
             "must", "")

    def __init__(self):
        self.rows = []
        self.missed = 0
        self.judged = 0

    def add(self, work, ours, against="", theirs=NOTHING, ratio="", must="", met=None):
        """One claim: `met` says whether what it `must` is so; None: shown, not judged."""
        verdict = ""
        if met is not None:
            verdict = "ok" if met else "MISSED"
            self.judged += 1
            self.missed += not met
        self.rows.append((work, ours.value, ours.stall, ours.growth, against, theirs.value,
                          theirs.stall, theirs.growth, ratio, must, verdict))

    def print(self):
        lines = [self.HEADS, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.HEADS))]
        for line in lines:
            print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
        print("\nstall, memory: the target's longest stall and growth meanwhile, measured inside it")
        print(f"{self.judged} claims judged, {self.missed} missed")
