"""A thousand generated months: the settlement and the reference calculation, which knows the plan
by its printed text only, agree to the kopeck in every line and every debt.
"""

from random import Random

import pytest

from services.motivation.domain.settlement import Settlement, settle
from services.motivation.queries.plan_text import PlanText
from tests.unit.motivation.generated_months import NUMBERS, PEOPLE, facts_of, month_of, plan_rules
from tests.unit.motivation.months import plan_of
from tests.unit.motivation.reference_pay import Lines, pay
from tests.unit.motivation.reference_text import read_plan

MONTHS_OF_A_SEED = 50


def lines_of(settlement: Settlement) -> Lines:
    lines: Lines = {}
    earnings = [*settlement.deals.items(), (None, settlement.month)]
    for activity_id, earned in earnings:
        for line in earned:
            position = int(line.rule.partition(":")[0])
            deal = None if activity_id is None else activity_id.int
            key = deal, line.employee_id.int, position
            assert key not in lines
            lines[key] = int(line.amount.amount * 100)
    return lines


@pytest.mark.parametrize("seed", range(20))
def test_a_settlement_agrees_with_the_reference_calculation(seed: int) -> None:
    random = Random(seed)
    for _ in range(MONTHS_OF_A_SEED):
        facts, plan = facts_of(random), plan_of(*plan_rules(random))
        text = PlanText("ru", PEOPLE).print(plan, "Осень")
        lines, debts = pay(read_plan(text, NUMBERS), facts)
        settlement = settle(month_of(facts, plan))
        assert lines_of(settlement) == lines, text
        owed = {id_.int: int(debt * 100) for id_, debt in settlement.debts.items() if debt}
        assert owed == {person: debt for person, debt in debts.items() if debt}, text
