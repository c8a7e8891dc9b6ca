"""What the document cannot say, told to the fuzzer."""

import datetime
import ipaddress
import itertools
import re

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

IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}")

# Examples that may stand for one object only.
TAKEN = {"email": "name@example.com", "key": "user_42", "username": "user42"}

# What can be got by another name than its id: the id's place, the name, an example.
NAMED = {
    "customers.get": ("customerId", "key", "user_42"),
    "coupons.get": ("couponId", "code", "WELCOME10"),
    "orders.get": ("orderId", "number", 1),
}

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


COUNT = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Parameters that are each in order, and do not go together."""
    headers, query, body = case.headers, case.query, case.body
    members = body if isinstance(body, dict) else {}
    count = next(COUNT)
    # One key for all would hide what the second request does: it is a conflict.
    if IDEMPOTENCY_KEY.fullmatch(headers.get("Idempotency-Key", "")):
        headers["Idempotency-Key"] = f"fuzz-{count}"
    # From all over the world: an address may give few wrong keys a minute.
    headers["X-Forwarded-For"] = str(ipaddress.IPv4Address(0x0B000000 + count % 0x00FFFFFF))
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # The version goes into one place, and mostly nowhere: a wrong one hides the rest.
    if count % 8:
        members.pop("ifVersion", None)
        query.pop("ifVersion", None)
    if count % 8 or "ifVersion" in query or "ifVersion" in members:
        headers.pop("If-Match", None)
    # The same address again is a conflict, too, and so are the same key and user name.
    for name, value in TAKEN.items():
        if count % 4 and members.get(name) == value:
            members[name] = f"{count}{value}"
    # No text that anybody thinks of is a cursor, and a list starts in one place.
    query.pop("cursor", None)
    # An id, or `-` and another name.
    for operation, (place, name, value) in NAMED.items():
        if operation_id(context) != operation:
            continue
        if case.path_parameters.get(place) == "-":
            query.setdefault(name, value)
        else:
            query.pop(name, None)
    # Not every three letters are a currency.
    if "currency" in query:
        query["currency"] = "KRW"
    mend_phones(members)
    mend_card(members)
    operation = operation_id(context)
    if operation == "forecast":
        # Ahead, and not for ever.
        ahead = datetime.timedelta(days=1 + count % 1800)
        members["until"] = instant(datetime.datetime.now() + ahead)
    if operation == "orders.pay" and "card" in members:
        # One of the two pays.
        members.pop("paymentMethodId", None)


def operation_id(context):
    return context.operation.definition.raw.get("operationId")


def mend_card(members):
    """A card, or what a page gave for it, which the sandbox has not; and each holder has one number."""
    card = members.get("card")
    if "authKey" not in members and not isinstance(card, dict):
        return
    members.pop("authKey", None)
    if not isinstance(card, dict):
        card = members["card"] = {"number": "4242424242424242", "expirationYear": "30", "expirationMonth": "12"}
    card.pop("personalId" if card.get("isCorporate") else "corporateId", None)


def mend_phones(members):
    """The pattern lets more pass than any numbering plan."""
    for name, value in members.items():
        if name == "phone" and isinstance(value, str) and value not in PHONES:
            members[name] = PHONES[0]
        elif name == "shipping" and isinstance(value, dict):
            mend_phones(value)
