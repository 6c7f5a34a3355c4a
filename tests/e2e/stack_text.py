"""The text of runtime.Stack(all) taken apart."""

import re

HEADER = re.compile(r"goroutine (\d+) \[(?P<state>[^\]]*)\](?P<labels>.*):")
CREATED = re.compile(r"created by (?P<function>.*?)(?: in goroutine (?P<parent>\d+))?")
POSITION = re.compile(r"\t(?P<file>.*):(?P<line>\d+)(?: \+0x[0-9a-f]+)?")


class Frame:
    def __init__(self, function, file, line):
        self.function, self.file, self.line = function, file, line

    def place(self):
        return {"function": self.function, "file": self.file, "line": self.line}


class GoroutineText:
    """One goroutine's paragraph. `reason` is the first word of its state: what it waits for."""

    def __init__(self, text):
        self.text = text
        lines = text.split("\n")
        match = HEADER.fullmatch(lines[0])
        assert match, lines[0]
        self.id = int(match[1])
        self.state = match["state"]
        self.reason = self.state.split(", ")[0]
        self.locked = "locked to thread" in self.state
        self.frames, self.creator, self.parent = [], None, 0
        self.elided = False
        words = lines[1:]
        self.unavailable = words[:1] == ["\tgoroutine running on other thread; stack unavailable"]
        if self.unavailable:
            words.pop(0)
        while words:
            first = words.pop(0)
            if first.startswith("..."):
                self.elided = True
                continue
            position = POSITION.fullmatch(words.pop(0))
            assert position, text
            place = position["file"], int(position["line"])
            created = CREATED.fullmatch(first)
            if created:
                self.creator = Frame(created["function"], *place)
                self.parent = int(created["parent"] or 0)
            else:
                self.frames.append(Frame(first[:first.rindex("(")] if first.endswith(")") else first,
                                         *place))

    def site(self):
        """The first frame of the program itself."""
        for frame in self.frames:
            if frame.function.startswith("main."):
                return frame
        return None


def paragraphs(text):
    """Paragraphs by goroutine id, in the order of the text."""
    result = {}
    for part in text.strip("\n").split("\n\n"):
        goroutine = GoroutineText(part.strip("\n"))
        assert goroutine.id not in result, f"goroutine {goroutine.id} twice"
        result[goroutine.id] = goroutine
    return result


def without_minutes(text):
    """How long a goroutine has waited may have grown by a minute between two texts."""
    return re.sub(r", \d+ minutes", "", text)
