"""The names that an error's `rule` can have, with their meanings. They belong to this API: no library version changes them."""

from collections.abc import Mapping
from typing import get_args

from pydantic_core.core_schema import ErrorType

#: Stands for every pydantic error type that is not listed below.
INVALID = "invalid"

#: Rules for single values. All but `invalid` are also pydantic's names, which were adopted.
VALUE_RULES: Mapping[str, str] = {
    INVALID: "The value has the wrong form; `detail` says what is expected.",
    "assertion_error": "The value breaks a rule of the body; `detail` says which.",
    "bool_parsing": "The text of the parameter is neither true nor false.",
    "bool_type": "The value must be true or false.",
    "date_from_datetime_inexact": "The value must be a date alone, without a time of day.",
    "date_from_datetime_parsing": "The text is no date such as 2026-11-22.",
    "date_parsing": "The text is no date such as 2026-11-22.",
    "date_type": "The value must be a date such as 2026-11-22.",
    "datetime_from_date_parsing": "The text is no instant such as 2026-11-22T09:30:00Z.",
    "datetime_object_invalid": "The value is no instant such as 2026-11-22T09:30:00Z.",
    "datetime_parsing": "The text is no instant such as 2026-11-22T09:30:00Z.",
    "datetime_type": "The value must be an instant such as 2026-11-22T09:30:00Z.",
    "dict_type": "The value must be a JSON object.",
    "enum": "The value is not one of those that are listed.",
    "extra_forbidden": "There is no such field.",
    "finite_number": "The number must be finite.",
    "float_parsing": "The text of the parameter is no number.",
    "float_type": "The value must be a JSON number.",
    "greater_than": "The number must be greater than the bound in `detail`.",
    "greater_than_equal": "The number must not be less than the bound in `detail`.",
    "int_from_float": "The number must be whole.",
    "int_parsing": "The text of the parameter is no whole number.",
    "int_parsing_size": "The whole number has too many digits.",
    "int_type": "The value must be a whole JSON number.",
    "json_invalid": "The body is not JSON; `detail` says at which character.",
    "less_than": "The number must be less than the bound in `detail`.",
    "less_than_equal": "The number must not be greater than the bound in `detail`.",
    "list_type": "The value must be a JSON array.",
    "literal_error": "The value is not one of those that are listed.",
    "missing": "The field or parameter is required.",
    "model_attributes_type": "The value must be a JSON object.",
    "model_type": "The value must be a JSON object.",
    "string_pattern_mismatch": "The text does not have the form that the schema gives as a pattern.",
    "string_too_long": "The text has more characters than the schema allows.",
    "string_too_short": "The text has fewer characters than the schema asks for.",
    "string_type": "The value must be a JSON string.",
    "string_unicode": "The text is not Unicode.",
    "timezone_aware": "The instant must have an offset from UTC, such as Z.",
    "too_long": "The array has more items than the schema allows.",
    "too_short": "The array has fewer items than the schema asks for.",
    "tuple_type": "The value must be a JSON array.",
    "union_tag_invalid": "The field that says which form the object has names none of the forms.",
    "union_tag_not_found": "The field that says which form the object has is missing.",
    "value_error": "The value breaks a rule of the body; `detail` says which.",
}

#: Rules for requests, texts and keys, the same in every service.
REQUEST_RULES: Mapping[str, str] = {
    "breaks_contract": "The record that was typed is no event that its consumer understands; `detail` says where.",
    "bidi_control": "The text holds characters that turn the direction of writing, so that it would be shown in another order.",
    "code_wrong": "The code of the second step is not right, or was used before.",
    "control_character": "The text must be one line without control characters.",
    "cursor": "The cursor is not the `next_cursor` of a page of this list with the same filters.",
    "date_format": "The value must be the text of a date or instant, such as 2026-11-22.",
    "duplicate_key": "The JSON object has the same key twice.",
    "encoding": "The body or the address is not UTF-8.",
    "entity_tag": 'If-Match is neither `*` nor a list of quoted entity tags such as `"7"`.',
    "future": "The instant must be in the future.",
    "hidden_value": "The record that was typed has ••• where nothing was hidden.",
    "idempotency_key": "The Idempotency-Key must be 1 to 128 visible ASCII characters.",
    "identity_taken": "Another member signs in with the account at the provider.",
    "instant": "The instant must be within the years 1 to 9999 in UTC.",
    "integer_too_large": "The whole number does not fit into 64 bits.",
    "invisible_character": "The text holds characters that cannot be seen.",
    "invited_now": "Somebody else invites the address at this moment; try again.",
    "key_ended": "The API key was revoked or has expired, so it cannot be rotated.",
    "last_admin": "The last administrator of an organisation stays one.",
    "last_operator_key": "The last lasting key of the operators cannot be revoked.",
    "letter_decided": "Somebody has decided about the dead letter meanwhile.",
    "letter_edited": "Somebody has edited the dead letter meanwhile.",
    "nesting": "The body nests arrays and objects too deeply.",
    "mail_address": "The text is not one plain mail address in ASCII.",
    "mail_asked": "The recipient's question is still to be sent.",
    "mail_confirmed": "The recipient has agreed already.",
    "mail_declined": "The person wanted no mail, and is not asked again for a year.",
    "mail_off": "The service sends no mail, because its operators have not set it up.",
    "mail_unconfirmed": "The recipient has not agreed, or gets no more mail.",
    "mail_unsubscribed": "The person has unsubscribed.",
    "member_exists": "Somebody signs in with this address already.",
    "no_json_number": "NaN and Infinity are no JSON numbers.",
    "not_printable": "The text holds characters that Unicode does not define.",
    "not_http": "What was sent is no HTTP/1.1 request.",
    "nothing_visible": "The text holds no character that can be seen.",
    "nul_character": "The text or parameter holds the character NUL.",
    "number_too_large": "The number does not fit into 64 bits.",
    "only_way_in": "The member has no password, and no other way in than the account at the provider.",
    "other_status": "The web framework refuses the request; the status says how.",
    "password_guessable": "The password is too easy to guess.",
    "password_wrong": "The password is not the present one of the member.",
    "password_length": "The password must have 12 to 200 characters.",
    "same_address": "The member signs in with this address now.",
    "address_verified": "The member's address is verified already.",
    "account_changed": "The member's password or role was changed at this moment.",
    "done_already": "A form whose answer showed something once was sent again.",
    "second_step_not_begun": "There is no secret of a second step that could be confirmed.",
    "second_step_on": "The member's second step is set up already.",
    "unknown_topic": "No consumer of this version reads the topic of the dead letter.",
    "repeated_header": "The header must be given once.",
    "repeated_parameter": "The query parameter must be given once.",
    "recipient_exists": "The organisation has a recipient with this address.",
    "replacement_character": "The text holds U+FFFD: some character was lost before the request was sent.",
    "replay_order": "The last entry of the replay is before the first.",
    "replay_under_way": "A replay of the webhook is under way; begin another when it is through.",
    "request_under_way": "The first request with this Idempotency-Key has not been answered yet; try again.",
    "rotated_before": "The API key was rotated before; the detail names the key that replaced it.",
    "too_many_rows": "A worksheet cannot hold so many rows; ask for CSV.",
    "too_many_members": "The organisation has as many members as it may have.",
    "too_many_recipients": "The organisation has as many recipients of mail as it may have.",
    "too_many_webhooks": "The organisation has as many webhooks as it may have.",
    "too_many_keys": "The organisation, or the operators, have as many valid API keys as they may have.",
    "too_many_marks": "The text holds more than 30 accents or other marks on one character.",
    "unexpected_body": "This operation takes no body.",
    "unknown_parameter": "This operation has no such query parameter.",
    "unknown_entry_type": "The feed of this service has no entries of the type.",
    "unknown_role": "Members of this service cannot have the role.",
    "unknown_scope": "Keys of this service cannot have the scope.",
    "unpaired_surrogate": "The text holds half of a surrogate pair, which is no Unicode text.",
    "webhook_address": "The URL names an address that is not public.",
    "webhook_scheme": "The URL does not begin with https://.",
    "webhook_url": "The URL cannot be read, or names a user or a fragment.",
    "unreadable": "The body cannot be read as JSON in UTF-8.",
}

#: The rules of each kind of problem, by the last part of its `type`. A kind that is not listed names a rule for values or for
#: requests, or one of the service.
PROBLEM_RULES: Mapping[str, Mapping[str, str]] = {
    "unauthorized": {
        "key_expired": "The API key has expired.",
        "key_missing": "The request has no API key; send one as `Authorization: Bearer mks_...`.",
        "key_revoked": "The API key was revoked.",
        "key_unknown": "The service has no such API key.",
        "sign_in_over": "Too much time has passed between the steps of signing in.",
        "session_over": "Nobody is signed in any more in the browser that sent the form.",
        "token_missing": "The request has no token; send the one that was given for it as `Authorization: Bearer`.",
    },
    "forbidden": {
        "exceeds_own_scopes": "The key to be rotated or issued has scopes that the caller's own key or role lacks.",
        "form_token": "The form of a page is not from the session that it is sent in.",
        "organisations_only": "The operation or the page is for organisations, and the caller is an operator.",
        "other_origin": "The form was not sent from a page of this service.",
        "outlasts_own_key": "The new key would last longer than the caller's own.",
        "role_missing": "The role of the member does not allow what a page was asked for.",
        "scope_missing": "The API key lacks the scope of the operation; the detail names it.",
    },
    "not-found": {
        "no_such_address": "The API has nothing at this address: look at how the path is spelt.",
        "no_such_thing": "What the request names does not exist, or is not for this caller to know of.",
    },
    "method-not-allowed": {"no_such_method": "The address does not have this method; `Allow` names those that it has."},
    "request-timeout": {"sent_too_slowly": "The request did not come in the time that it may take."},
    "gone": {
        "feed_position": "What follows the position is not kept, or there was no such position: read `GET /v1/feed/snapshot`.",
        "address_link_over": "The link to confirm an address was used, is too old, or was replaced by a newer one.",
        "recovery_over": "The link to a new password was used, is too old, or was replaced by a newer one.",
        "invitation_over": "The invitation was used, is too old, or was replaced by a newer one.",
    },
    "too-many-requests": {
        "feed_readers": "As many requests of the organisation wait for news as may; end one, or try again later.",
        "introduction_rate": "The opening has asked for as many introductions in 24 hours as operators allow; try again later.",
        "mail_questions": "The address, or those of the organisation, were asked as often as they may be within seven days.",
        "mailed_often": "As many letters about membership were asked for within 24 hours as may; try again later.",
        "mail_tests": "As many tests wait, or were made by the organisation within an hour, as may; try again later.",
        "preview_rate": "The employer has asked for as many previews in 24 hours as operators allow; try again later.",
        "previews_waiting": "As many previews of the employer wait for their counts as may; try again when those are answered.",
        "sign_in_misses": "Too many attempts to sign in, to prove who one is or to recover a password.",
        "tokens_missed": "Too many tokens from the caller's address were not known; try again later.",
        "webhook_tests": "As many tests of the webhook wait as may; try again when they were sent.",
    },
    "stale-version": {"version_outdated": "If-Match does not name the current version: read it again before changing it."},
    "body-too-large": {"body_too_large": "The body has more bytes than the service takes."},
    "unsupported-media-type": {
        "content_encoding": "The body is compressed or encoded; send it as it is, without Content-Encoding.",
        "content_type": "The body must be sent as `Content-Type: application/json`.",
    },
    "idempotency-mismatch": {
        "idempotency_key_reused": "The Idempotency-Key was used for another request; send a new one with a new request."
    },
    "version-required": {"version_required": "If-Match is missing; send the `ETag` of the version that you are changing."},
    "headers-too-large": {
        "head_too_large": "The request's line and headers have more bytes than the service takes.",
        "too_many_headers": "The request has more headers than the service takes.",
    },
    "internal": {"internal_fault": "A fault of ours; the operator finds it in the log by `instance`."},
    "unavailable": {
        "busy": "As many requests are under way as the service takes at once; try again.",
        "part_away": "A part of the service, such as its database, is away for now; try again.",
        "too_many_connections": "The service has as many connections as it can have; try again.",
    },
    "writes-stopped": {
        "starting": "The service has just started, and takes changes once it has compared its database with the log.",
        "writes_stopped": "An operator has to repair the service before it takes changes again.",
    },
}

_OF_PROBLEMS = {rule: meaning for rules in PROBLEM_RULES.values() for rule, meaning in rules.items()}
KIT_RULES: Mapping[str, str] = {**VALUE_RULES, **REQUEST_RULES, **_OF_PROBLEMS}
_LIBRARYS_NAMES = frozenset(get_args(ErrorType))


def rule_of(error_type: str) -> str:
    """This API's name for one of pydantic's error types. Types that are not pydantic's come from own validators and stay the
    same."""
    return INVALID if error_type in _LIBRARYS_NAMES and error_type not in VALUE_RULES else error_type
