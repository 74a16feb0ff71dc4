"""The names by which this service tells what is wrong with a request, with their meanings for the caller."""

from collections.abc import Mapping

RULES: Mapping[str, str] = {
    "no_such_event": "The pair has no event of this name.",
    "not_kept": "What was so then is not kept; `detail` says since when it is.",
    "no_change": "No number of the policy that was typed differs from the one in use.",
    "other_policy": "Another policy is live by now than the one that the change began with.",
    "policy_number": "The number of the policy breaks a rule of MARKET.md; `detail` says which.",
}
