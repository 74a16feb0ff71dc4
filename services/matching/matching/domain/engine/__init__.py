"""The incremental engine of one region: columns and bitmaps instead of objects, differences instead of recomputation.

What it keeps up to date, and how:

* `skills`: every distinct set of awarded credentials once, with the subjects that it makes held.
* `learner_table`: a learner is a row of small integers and a packed record.
* `learner_index`: bitmaps of learners, by holding and by what gates compare; an opening's people are their intersection.
* `opening_table`: a live opening is a column; `rows` hold, for each value that learners have, one byte an opening.
* `shortlist_buffers`: the best of each shortlist, and how many qualify or lack one group.
* `region_engine`: moves a learner, opens and closes an opening, lets a day pass or a definition change.

All of it is a function of the region's state: the plain evaluation in `matching.domain.evaluation.reference` is its reference.
"""
