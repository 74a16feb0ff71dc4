"""The introduction of each service's OpenAPI document: the conventions of all its operations."""

from collections.abc import Mapping

from makersync.http.rule_names import KIT_RULES

_CONVENTIONS = """
Send an API key as `Authorization: Bearer mks_...`. Each operation names the scopes that it asks for; where it names several
security requirements, any one of them is enough, and an empty list of scopes means any key of an organisation.

- **Creations** take an `Idempotency-Key`. A repetition of the same request within 24 hours gets the first answer again, with
  `Idempotency-Replayed: true`; another request under the same key is refused.
- **Changes** need `If-Match` with the `ETag` of the version that is changed, or `*` for whichever is current.
- **Reads** of what has no version carry an `ETag` of their content. Send it back as `If-None-Match`: as long as the answer is
  the same, it is 304 without a body.
- **Lists** come in pages: `next_cursor` of one page is the `cursor` of the next, and it is null on the last page.
- **Problems** are `application/problem+json` (RFC 9457). `type` is the fixed name of the kind of problem, `rule` the
  fixed name of the cause, and `detail` says what to do. `errors` names each field with the rule that it breaks; `rule` is then
  the first of them. No problem repeats a value that was sent. With a status of 503, `Retry-After` says when to try again.
- **Bodies** are JSON in UTF-8. Unknown fields and parameters are refused, and so is a value of another JSON type than the
  field's.
"""


def guide(rules: Mapping[str, str], warnings: Mapping[str, str]) -> str:
    """Markdown. `rules` and `warnings` map the service's own names to their meanings; the kit's rules are added."""
    named = _listed({**KIT_RULES, **rules})
    parts = [
        _CONVENTIONS.strip(),
        _folded("Rules: what the rule of a problem or of one of its errors can be; these names do not change", named),
    ]
    if warnings:
        parts.append(_folded("Warnings: what the rule of a warning can be", _listed(warnings)))
    return "\n\n".join(parts)


def _folded(heading: str, text: str) -> str:
    """Collapsed, so that it does not get in the way of a reader who looks for an operation."""
    return f"<details><summary>{heading}</summary>\n\n{text}\n\n</details>"


def _listed(names: Mapping[str, str]) -> str:
    return "\n".join(f"- `{name}`: {meaning}" for name, meaning in sorted(names.items()))
