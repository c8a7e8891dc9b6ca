"""What the document cannot say, told to the fuzzer."""

import datetime

import schemathesis
from hypothesis import strategies as st

# Numbering plans are no pattern: these numbers exist in form.
PHONES = [
    "+821012345678",
    "010-1234-5678",
    "02 312 3456",
    "+1 (415) 555-2671",
    "+442071838750",
]

# The years that the engine knows; the zone may shift an instant over the edge.
FIRST = datetime.datetime(1970, 1, 2)
LAST = datetime.datetime(2099, 12, 30)


def instant(moment: datetime.datetime) -> str:
    return moment.isoformat(timespec="milliseconds") + "Z"


schemathesis.openapi.format("phone", st.sampled_from(PHONES))
schemathesis.openapi.format("date-time", st.datetimes(FIRST, LAST).map(instant))
schemathesis.openapi.format("date", st.dates(FIRST.date(), LAST.date()).map(str))

# An address needs a domain with a dot; the local part is at most 64 characters.
LOCAL = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9.+_-]{0,20}[A-Za-z0-9]\Z").filter(
    lambda text: ".." not in text
)
schemathesis.openapi.format(
    "idn-email",
    st.builds(lambda local, host: f"{local}@{host}", LOCAL, st.sampled_from(["example.com", "예시.한국"])),
)

# Tables of customers, good and bad rows.
CELL = st.text(st.characters(codec="utf-8", exclude_characters='",\r\n\0'), max_size=12)
ROW = st.builds(lambda index, name: f"row{index}@example.com,{name}", st.integers(0, 50), CELL)
TABLE = st.lists(ROW, max_size=5).map(lambda rows: "\n".join(["E-mail,Name", *rows, ""]).encode())
schemathesis.openapi.media_type("text/csv", TABLE)


@schemathesis.hook
def map_case(context, case):
    """`-` in the path and another parameter that names the object belong together."""
    if context.operation.definition.raw.get("operationId") == "customers.get":
        positive = case.meta is None or case.meta.generation.mode.is_positive
        if positive and case.path_parameters.get("customerId") != "-":
            case.query.pop("key", None)
        elif positive:
            case.query.setdefault("key", "user_42")
    return case
