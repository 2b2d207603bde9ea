"""No unfinished work, and none of the private words that the project has given up."""
import re

from harness import Control, run
from source import files

WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK|stubs?|placeholders?|not implemented)\b", re.IGNORECASE)

# What a reader of another database would not understand, and what to write. A part of a name counts
# too: words of letters, whatever stands around them. "in flight" is the field's own.
RETIRED = {
    r"told|tells?|telling": "notify, publish, report, return or distinguish",
    r"land(?:s|ed|ing)?": "finish, or pending commit",
    r"turns?_(?:take|give|taken|given)": "write order: enter, leave",
    r"point_(?:here|back)": "savepoint: take, rollback",
    r"cares?": "maintenance",
    r"lanes?": "request queue",
    r"piles?": "region",
    r"(?<!in[ _-])flights?": "unsynced record",
    r"hungry": "waits for a ticket",
    r"tenures?": "lease state",
    r"part(?:y|ies)": "participant, or callee",
    r"doors?": "host operations, or public function",
    r"in[ _]vain": "changed nothing",
    r"learn(?:s|ed|t|ing)?": "load, set or record",
    r"manner": "not part of the fingerprint",
    r"whoever": "the thing itself",
    r"(?:goes|go|gone|went|going)[ _]on": "continue",
    r"g(?:ave|ive|ives|iven|iving)[ _](?:up|back)": "release, free, stop or abandon",
    r"stands? on": "depend on",
    r"amid": "within, or between",
    r"thr(?:ow|ows|own|ew|owing) away": "discard",
    r"lets? go": "release",
    r"without a word": "without notice",
    r"(?:cached?|find|give|has|make|runtime)_room|room_(?:for|in|left|out)": "capacity, or headroom",
}
PRIVATE = re.compile(
    r"(?<![A-Za-z])(?:" + "|".join(f"({word})" for word in RETIRED) + r")(?![A-Za-z])", re.IGNORECASE
)


def check_private(path, number, line):
    for match in PRIVATE.finditer(line):
        instead = list(RETIRED.values())[match.lastindex - 1]
        yield f"{path}:{number}: '{match.group()}' is a private word: {instead}"


def check(root):
    problems = []
    for path, text in files(root, ["include", "lib", "examples", "tests"]):
        for number, line in enumerate(text.splitlines(), 1):
            for match in WORDS.finditer(line):
                problems.append(f"{path}:{number}: '{match.group()}'")
            problems += check_private(path, number, line)
    return problems


CONTROLS = [
    Control("work put off", {"lib/base/a.c": "/* TODO: later */\n"}, "a.c:1: 'TODO'"),
    Control("an empty answer", {"lib/base/a.c": "\n\n/* a stub */\n"}, "a.c:3: 'stub'"),
    Control("it in a header", {"include/holdfast/a.h": "/* Fixme */\n"}, "'Fixme'"),
    Control("mkstemp's pattern", {"lib/base/a.c": 'char t[] = "a-XXXXXX";\n'}, ""),
    Control("a private word", {"lib/base/a.c": "/* Nobody is told. */\n"}, "'told' is a private word"),
    Control("it in a name", {"lib/loop/a.c": "hf__lane_give(lane);\n"}, "'lane'"),
    Control("it in a test", {"tests/unit/a.c": "/* The caller is told. */\n"}, "'told'"),
    Control("it in an example", {"examples/hotel.c": "/* It goes on. */\n"}, "'goes on'"),
    Control("it in capitals", {"lib/txn/a.h": "#define HF__PARTIES_MAX 4\n"}, "'PARTIES'"),
    Control("two words of it", {"include/holdfast/a.h": "/* It goes on. */\n"}, "'goes on'"),
    Control("two words of it in a name", {"tests/unit/a.c": "START_TEST(a_loop_goes_on)\n"}, "'goes_on'"),
    Control("a record in flight", {"lib/journal/a.h": "hf__flight flight;\n"}, "'flight'"),
    Control("calls in flight", {"lib/txn/a.h": "/* In flight. */ int in_flight_ms;\n"}, ""),
    Control("rooms of a hotel", {"examples/a.c": "int headroom_in, room_kind;\n"}, ""),
    Control("a capacity by another name", {"lib/txn/a.h": "bool hf__runtime_has_room(void);\n"}, "'has_room'"),
    Control("other words", {"lib/base/a.c": "int island, careful, partying, pilots;\n"}, ""),
]

if __name__ == "__main__":
    run("no unfinished work and no private words", check, CONTROLS)
