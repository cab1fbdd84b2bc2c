"""Pay: pure functions of an activity's state and a plan version."""
