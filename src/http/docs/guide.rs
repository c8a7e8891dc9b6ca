//! What holds for every operation, and the list of error codes.

use std::collections::BTreeMap;

use super::{html, operation::block};
use crate::{error::Code, http::openapi::error};

/// The guide's sections: id and title.
pub(super) const TITLES: &[(&str, &str)] = &[
    ("keys", "Keys"),
    ("requests", "Requests and answers"),
    ("repeats", "Repeating safely"),
    ("lists", "Lists"),
    ("errors", "Errors"),
];

const START: &str = "\
Every operation of the SDK is a route, with the same names in and out. What you read here is made from the running \
server’s own declarations.

A machine reads the same as [OpenAPI 3.1].";

const KEYS: &str = "\
Every request under `/v1` carries a secret key, which names the store: `Authorization: Bearer sk_test_…`. Test and live \
are two stores that share nothing.

A key never belongs into an address: proxies and logs keep those. Such a request is refused. A **read-only** key may not \
call what changes anything.";

const REQUESTS: &str = "\
Bodies are one JSON object in UTF-8; an empty body counts as `{}` and needs no `Content-Type`. What reads, and what \
deletes, takes its parameters in the query string: nested ones in brackets (`created[gte]=2026-03-01`), lists by \
repeating the name.

Names are taken in camelCase and in snake_case. What is not declared is refused, with the name that you may have meant. \
Times come back in UTC with milliseconds, objects with a `version` that counts their changes.

Every answer has a `Request-Id`. Send one of your own (1 to 128 of `A-Z a-z 0-9 . _ : -`) and it is kept.";

const REPEATS: &str = "\
Send an `Idempotency-Key` with whatever changes something. A repeat within 24 hours gets the first answer, with \
`Idempotent-Replayed: true`, and nothing happens twice. The same key with other parameters is a conflict.

`If-Match`, or `ifVersion`, makes a change depend on the version that you have seen.";

const LISTS: &str = "\
A list comes in pages of `limit` rows. While `hasMore` is true, pass `nextCursor` back as `cursor`, with the same filters \
and the same `sort`. The last page costs what the first one does.";

const ERRORS: &str = "\
All errors have one form. `type` is the class of error, `code` says exactly what went wrong, `param` names the parameter \
as a path such as `address.postal_code`. Messages say what to do, and never repeat personal values.

`429` and `503` carry `Retry-After`, in seconds.";

const REFUSED: &str = r#"{
  "error": {
    "type": "invalid_request",
    "code": "parameter_missing",
    "message": "email is required",
    "param": "email",
    "requestId": "req_01jd0v8e4r5s9m2kq7w3x6y1zb"
  }
}"#;

const HEAD: &str = "\
HTTP/1.1 200 OK
Content-Type: application/json
Request-Id: req_01jd0v8e4r5s9m2kq7w3x6y1zb
Cache-Control: no-store";

/// The guide; `root` leads from the page to where the API is mounted.
pub(super) fn render(root: &str) -> String {
    let link = format!(r#"<a href="{root}openapi.json">OpenAPI 3.1</a>"#);
    let start = html::prose(START).replace("[OpenAPI 3.1]", &link);
    let first = block(
        "First request",
        "export PROYECTA_BASE_URL=http://127.0.0.1:4000\nexport PROYECTA_API_KEY=sk_test_…\n\ncurl \"$PROYECTA_BASE_URL/v1/store\" \\\n  -H \"Authorization: Bearer $PROYECTA_API_KEY\"",
    );
    let refused = block("An error", REFUSED);
    let key = block("A key", "Authorization: Bearer sk_test_…");
    let head = block("The head of an answer", HEAD);
    let repeat = block(
        "Repeating safely",
        "curl \"$PROYECTA_BASE_URL/v1/customers\" \\\n  -H \"Authorization: Bearer $PROYECTA_API_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -H \"Idempotency-Key: signup-42\" \\\n  -d '{ \"email\": \"name@example.com\" }'",
    );
    let walk = block(
        "All customers",
        "const { customers } = proyecta.commerce;\n\nfor await (const customer of customers.list()) {\n  console.log(customer.id);\n}",
    );
    let part = |id: &str, title: &str, text: &str, beside: &str| {
        let text = html::prose(text);
        format!(
            r##"<section class="pair guide" id="{id}"><div><h2>{title}</h2>{text}</div><aside class="samples">{beside}</aside></section>
"##
        )
    };
    let [keys, requests, repeats, lists, errors] = [0, 1, 2, 3, 4].map(|index| TITLES[index]);
    format!(
        r##"<section class="pair guide first"><div><h1>API reference</h1><div class="lead">{start}</div></div><aside class="samples">{first}</aside></section>
{}{}{}{}{}"##,
        part(keys.0, keys.1, KEYS, &key),
        part(requests.0, requests.1, REQUESTS, &head),
        part(repeats.0, repeats.1, REPEATS, &repeat),
        part(lists.0, lists.1, LISTS, &walk),
        part(errors.0, errors.1, ERRORS, &refused),
    )
}

/// Every code with its cause and what to do about it, by status.
pub(super) fn errors() -> String {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in error::sent() {
        by_status.entry(code.status()).or_default().push(code);
    }
    let groups: String = by_status
        .into_iter()
        .map(|(status, codes)| {
            let meaning = html::inline(error::meaning(status));
            let rows: String = codes.into_iter().map(row).collect();
            format!(
                r##"<section class="codes" id="errors-{status}"><h3><span class="status">{status}</span> {meaning}</h3><dl>{rows}</dl></section>
"##
            )
        })
        .collect();
    format!(r##"<section class="noun" id="codes"><h2>Error codes</h2>{groups}</section>"##)
}

fn row(code: Code) -> String {
    format!(
        "<div><dt><code>{}</code></dt><dd><p>{}</p><p>{}</p></dd></div>",
        code.name(),
        html::inline(code.cause()),
        html::inline(code.remedy())
    )
}
