"""The benchmark's one table."""


def ms(seconds):
    return f"{seconds:.1f} s" if seconds >= 10 else f"{seconds * 1000:,.1f} ms"


def mib(size):
    return f"{size / 1_000_000:,.0f} MB"


def times(value, unit):
    return f"{value / unit:.2f}x"


class Table:
    HEADS = ("work", "measured", "against", "takes", "ratio", "must", "", "target's stall",
             "target's memory")

    def __init__(self):
        self.rows = []
        self.missed = 0

    def add(self, work, measured, against="", takes="", ratio="", must="", met=None, runs=None,
            judged=True):
        """One claim. `runs` says what it cost the target; a claim not `judged` is only shown."""
        verdict = ""
        if judged and met is not None:
            verdict = "ok" if met else "MISSED"
            self.missed += not met
        self.rows.append((work, measured, against, takes, ratio, must if judged else "", verdict,
                          *self._cost(runs)))

    def cost(self, work, runs):
        """What another tool's work cost the target."""
        self.rows.append(("", "", work, ms(runs.seconds), "", "", "", *self._cost(runs)))

    @staticmethod
    def _cost(runs):
        if runs is None or runs.stall is None:
            return "", ""
        return ms(runs.stall), f"+{mib(runs.target_growth)}"

    def print(self):
        lines = [self.HEADS, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.HEADS))]
        for line in lines:
            print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
        judged = sum(1 for row in self.rows if row[6])
        print(f"\n{judged} claims judged, {self.missed} missed")
