"""A tenant to look at: two companies, two rooms, eight sellers and some 300 activities in all
stages.

Everything is entered by commands through the gateway, each under an Idempotency-Key that names its
step: a run that was interrupted goes on where it was, a repeated one changes nothing.
"""
