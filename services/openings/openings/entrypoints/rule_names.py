"""The names of the rules and warnings of this service, each with its meaning for a developer who gets one.

The kit names its own. A released name does not change.
"""

from collections.abc import Mapping

RULES: Mapping[str, str] = {
    "all_filled": "Every position is filled; revise `positions` before the opening is reopened.",
    "closed": "The opening is closed already.",
    "closing_date_passed": "`closes_on` has passed; revise it before the opening is reopened.",
    "date_order": "`start_by` is before `closes_on`: nobody can apply for work that should already have begun.",
    "empty": "A requirement group has no alternative, so nobody could ever meet it.",
    "exists": "The employer was restored by another request at the same time.",
    "far_ahead": "The date is more than five years ahead, which is taken for a mistyped year.",
    "filled_range": "The number of filled positions would be below 0 or above the number of positions.",
    "identifier": "The id is not one that this service could have given to an employer: `emp_` and 26 characters.",
    "length": "The employer's name is empty or has more than 200 characters.",
    "no_requirement": "The opening has no requirement group, so everyone would be a candidate.",
    "not_closed": "Only a closed opening can be reopened.",
    "one_count": "Neither or both of `add` and `filled` are given; exactly one is needed.",
    "one_form": "An alternative is neither a credential alone nor a competency with a level.",
    "one_place": "Neither or both of `zip` and `remote: true` are given; exactly one is needed.",
    "other_name": "The employer exists under another name, which a restoration does not change.",
    "past_date": "The closing date is before today in the deployment's time zone.",
    "pay_order": "`wage_max` is below `wage_min`.",
    "pay_range": "The wage is no pay for an hour, such as dollars instead of cents, or the pay of a year.",
    "range": "The number lies outside its bounds, which the message names.",
    "repeated_group": "Another group of the opening has the same alternatives and asks for the same proof.",
    "repeated_id": "Another group of the opening has the same id.",
    "required": "The title is empty once spaces are dropped.",
    "same_region": "The new place lies in another region. Close the opening, and publish the job at its new place.",
    "split_occupation": "The occupation code is retired and has several successors, which the message names; choose one.",
    "too_early": "The date is more than five years ago, which is taken for a mistyped year.",
    "too_long": "The title has more than 200 characters, or an array more items than the schema allows.",
    "unknown_competency": "The catalog has no such competency; `GET /v1/catalog/competencies` finds those that it has.",
    "unknown_credential": "The catalog has no such credential; `GET /v1/catalog/credentials` finds those that it has.",
    "unknown_employer": "No employer with this id has been admitted.",
    "unknown_occupation": "The code is no detailed occupation of SOC 2018 and no O*NET-SOC 2019 code on one.",
    "unknown_region": "No region has this id: it is misspelt, or no ZIP code lies in it.",
    "unknown_zip": "The reference table of places has no such ZIP code.",
}

WARNINGS: Mapping[str, str] = {
    "copy_of_opening": "An open opening of the employer has the same title, place and requirements; is this one a copy?",
    "far_above_median": "The pay is more than twice the median of the occupation there; is it in cents an hour?",
    "far_ahead": "The date is more than a year ahead; is the year right?",
    "far_below_median": "The pay is less than half of the median of the occupation there; is it in cents an hour?",
    "no_position_left": "Every position is filled already, so nobody is matched.",
    "nothing_required": "No group is required, so everyone who can come is qualified.",
    "past_date": "`start_by` has passed: learners who are available only later are not matched.",
    "retired_occupation": "The occupation code is retired; its only successor is stored instead.",
    "same_name": "Another employer has the same name; is one employer being admitted twice?",
}
