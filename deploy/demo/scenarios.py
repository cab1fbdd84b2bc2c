"""What becomes of the demo's activities: each story is a way that a sale goes."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

from deploy.demo.deal import Deal

Story = Callable[[Deal], Awaitable[None]]

HALF, THIRD = Decimal("0.5"), Decimal("0.3")
TALKS = (
    "Рассказали о продукте, интерес есть",
    "Попросили коммерческое предложение",
    "Сравнивают с конкурентами",
    "Согласовали состав поставки",
    "Ждут решения директора",
)
STEPS = (
    "Перезвонить",
    "Отправить предложение",
    "Провести показ",
    "Согласовать договор",
    "Напомнить об оплате",
)
REASONS = (
    "Дорого, выбрали конкурента",
    "Нет бюджета в этом году",
    "Не выходят на связь",
    "Отложили проект",
    "Не подошёл срок поставки",
    "Заявка по ошибке",
)


async def begin(deal: Deal) -> None:
    """How a seller comes to an activity: taken from the pool, kept after a cold call, or given by
    the head.
    """
    way = deal.random.choice(("take", "take", "keep", "assign"))
    await deal.register(take=way == "keep")
    if way == "take":
        await deal.take()
    elif way == "assign":
        await deal.assign()


async def talk(deal: Deal, in_days: float | None = None) -> None:
    kind = deal.random.choice(("call", "meeting", "message", "letter"))
    then = deal.random.choice(STEPS) if in_days is not None else None
    await deal.talk(kind, deal.random.choice(TALKS), then, in_days or 0)


async def waits_in_the_pool(deal: Deal) -> None:
    await deal.register()


async def asked_not_to_be_called(deal: Deal) -> None:
    """In the pool, for whoever reaches the client in another way."""
    await deal.register()
    await deal.forbid_calls("Просили больше не звонить, только писать на почту")


async def given_back(deal: Deal) -> None:
    await begin(deal)
    await talk(deal)
    await deal.release("Клиент просит вернуться к разговору с другим менеджером")


async def just_begun(deal: Deal) -> None:
    await begin(deal)


async def in_talks(deal: Deal) -> None:
    await begin(deal)
    await talk(deal, in_days=deal.random.uniform(0.2, 9))


async def step_overdue(deal: Deal) -> None:
    await begin(deal)
    await talk(deal, in_days=-deal.random.uniform(0.1, 6))


async def invoiced(deal: Deal) -> None:
    await in_talks(deal)
    await deal.invoice(due_in_days=deal.random.randint(2, 14))


async def invoice_overdue(deal: Deal) -> None:
    await step_overdue(deal)
    await deal.invoice(due_in_days=-deal.random.randint(1, 10))


async def partly_paid(deal: Deal) -> None:
    await begin(deal)
    await deal.invoice(due_in_days=deal.random.randint(-3, 10))
    await deal.pay(deal.random.choice((HALF, THIRD)), days_ago=deal.random.randint(1, 12))
    await talk(deal, in_days=deal.random.uniform(-2, 5))
    await deal.claim(Decimal("0.1"))


async def shipped_unpaid(deal: Deal) -> None:
    """Postpaid: the goods went out first."""
    await begin(deal)
    await deal.invoice(due_in_days=10)
    await deal.ship(days_ago=deal.random.randint(1, 8))


async def signed_unpaid(deal: Deal) -> None:
    await shipped_unpaid(deal)
    await deal.documents("sent", days_ago=2)
    await deal.documents("signed", days_ago=1)


async def paid_unsigned(deal: Deal) -> None:
    """Prepaid, being packed or on its way; won at once where nothing is delivered."""
    await begin(deal)
    await deal.invoice(due_in_days=3)
    await deal.pay(days_ago=deal.random.randint(2, 9))
    if deal.delivered and deal.random.random() < 0.5:
        await deal.ship(days_ago=1)


async def won_prepaid(deal: Deal) -> None:
    await begin(deal)
    await talk(deal)
    await deal.invoice()
    await deal.pay(HALF, days_ago=deal.random.randint(9, 20))
    await deal.pay_the_rest(days_ago=deal.random.randint(4, 8))
    if deal.delivered:
        await deal.ship(days_ago=3)
        await deal.documents("signed", days_ago=deal.random.randint(0, 2))


async def won_postpaid(deal: Deal) -> None:
    await begin(deal)
    await deal.invoice()
    await deal.ship(days_ago=deal.random.randint(10, 18))
    await deal.documents("sent", days_ago=9)
    await deal.documents("signed", days_ago=7)
    await deal.pay_the_rest(days_ago=deal.random.randint(1, 6))


async def partly_refunded(deal: Deal) -> None:
    await won_prepaid(deal)
    await deal.refund("Вернули часть товара", THIRD)


async def wholly_refunded(deal: Deal) -> None:
    """The win is taken back with the money."""
    await won_prepaid(deal)
    await deal.refund("Расторгли договор")


async def lost(deal: Deal) -> None:
    await begin(deal)
    await talk(deal)
    await deal.lose(deal.random.choice(REASONS))


async def lost_at_once(deal: Deal) -> None:
    """The client refused at the first call: nobody took it."""
    await deal.register()
    await deal.lose(deal.random.choice(REASONS))


async def lost_and_reopened(deal: Deal) -> None:
    await lost(deal)
    await deal.reopen()
    await talk(deal, in_days=deal.random.uniform(1, 4))


STORIES: tuple[tuple[Story, int], ...] = (
    (waits_in_the_pool, 59),
    (asked_not_to_be_called, 3),
    (given_back, 6),
    (just_begun, 14),
    (in_talks, 38),
    (step_overdue, 14),
    (invoiced, 18),
    (invoice_overdue, 8),
    (partly_paid, 20),
    (shipped_unpaid, 8),
    (signed_unpaid, 6),
    (paid_unsigned, 10),
    (won_prepaid, 30),
    (won_postpaid, 14),
    (partly_refunded, 4),
    (wholly_refunded, 2),
    (lost, 20),
    (lost_at_once, 6),
    (lost_and_reopened, 6),
)
"""How many of each; splits, reopened wins and very important clients come on top (`loading`)."""
