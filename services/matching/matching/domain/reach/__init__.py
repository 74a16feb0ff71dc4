"""How many learners an opening reaches (MARKET.md section 15): what is counted, told and published.

The reach of a learner, the places that it would work in, is `MarketLearner.reach_km` and `Places.reach`.
"""
