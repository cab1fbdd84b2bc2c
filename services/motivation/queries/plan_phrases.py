"""The phrases of which plans are printed, by language. Names in braces are filled in."""

from collections.abc import Mapping

PHRASES: Mapping[str, Mapping[str, str]] = {
    "ru": {
        "draft": "Проект плана «{name}». Действует с {day}.",
        "version": "План «{name}», версия {version}. Действует с {day}.",
        "percent_of_receipts": "{percent} % от {base} по каждой сделке.",
        "fixed": "{amount} за каждую сделку.",
        "fixed_minimum": "{amount} за каждую сделку, по которой поступило не меньше {minimum}.",
        "tiered_percent": "Процент от {base} по ступеням выполнения месяца: {tiers}.",
        "tiered_fixed": "Сумма за каждую сделку по ступеням выполнения месяца: {tiers}.",
        "tier_percent": "от {bound} — {percent} %",
        "tier_fixed": "от {bound} — {amount}",
        "target_bound": "{percent} % плана продаж",
        "money_bound": "{amount}",
        "count_bound": "{count} сделок",
        "attainment": "Выполнение считается так: {measure} {scope} {deals}.",
        "scope_seller": "самого сотрудника",
        "scope_room": "всей комнаты",
        "deals_matching": "по сделкам, к которым относится правило",
        "deals_all": "по всем сделкам",
        "measure_receipts": "поступления",
        "measure_net_of_vat": "поступления без НДС",
        "measure_margin": "маржа",
        "measure_count": "число сделок",
        "base_receipts": "поступлений",
        "base_net_of_vat": "поступлений без НДС",
        "base_margin": "маржи",
        "marginal": "Каждая часть выполнения оплачивается по ставке своей ступени.",
        "retroactive": "По ставке достигнутой ступени оплачивается всё с начала месяца.",
        "threshold": (
            "Пока выполнение меньше {bound}, ничего не начисляется; затем начисляется всё."
        ),
        "pool_percent": "Общий фонд комнаты: {percent} % от {base} за месяц.",
        "pool_amount": "Общий фонд комнаты: {amount} за месяц.",
        "pool_shares": "Фонд делится по долям: {shares}.",
        "pool_share": "{person} — {percent} %",
        "pool_credit": "Фонд делится между продавцами по их зачтённым поступлениям.",
        "cap": "За месяц не больше {amount}.",
        "floor": "За месяц не меньше {amount}: недостающее доплачивается после конца месяца.",
        "draw_recoverable": (
            "За месяц выплачивается не меньше {amount}; выплаченное сверх заработанного — долг, он"
            " удерживается из того, что в следующие месяцы заработано сверх этой суммы."
        ),
        "draw_forgiven": (
            "За месяц выплачивается не меньше {amount}; выплаченное сверх заработанного прощается."
        ),
        "people": "Правило действует для: {people}.",
        "product_category": "Только продукты категории «{value}».",
        "source_kind_cold": "Только холодные продажи.",
        "source_kind_inbound": "Только входящие обращения.",
        "source_kind_renewal": "Только источник «автопродление».",
        "sale_first": "Только первая продажа клиенту.",
        "sale_repeat": "Только повторные продажи.",
        "sale_renewal": "Только продажи-автопродления.",
        "vip_coefficient": "За очень важных клиентов — с коэффициентом {coefficient}.",
        "rule_cap": "По этому правилу не больше {amount} за месяц одному сотруднику.",
        "recipients": "Получает не продавец: каждый из {people} — полностью.",
        "closing": (
            "Подходит несколько правил — начисляется по каждому. Поступления — за вычетом"
            " возвратов. Суммы округляются до копейки, половина — вверх."
        ),
        "closing_catalogue": (
            "НДС и себестоимость — на день успеха сделки. Маржа — поступления без НДС за вычетом"
            " себестоимости оплаченного, по каждому продукту не меньше нуля; продукт без указанной"
            " себестоимости маржи не даёт."
        ),
        "personnel_number": "таб. № {number}",
        "check_overlap": "Эти сделки оплачивают несколько правил.",
        "check_gap": "За эти сделки продавец не получает ничего.",
        "check_below_first_tier": "Ниже первой ступени не начисляется ничего.",
        "check_needs_target": (
            "Нужен план продаж: без него правило платит как при нулевом выполнении."
        ),
        "check_vat_unknown": (
            "В реквизитах компании не указано, как она платит НДС на день начала плана: правило не"
            " заплатит ничего, опубликовать план нельзя."
        ),
        "check_cost_unknown": (
            "На день начала плана не у всех продуктов указана себестоимость: по продуктам без неё"
            " маржа не считается, и по ним ничего не начислится, пока её не укажут."
        ),
        "check_unknown_category": "Такой категории нет ни у одного продукта компании.",
    },
    "en": {
        "draft": "Draft plan “{name}”. In force from {day}.",
        "version": "Plan “{name}”, version {version}. In force from {day}.",
        "percent_of_receipts": "{percent} % of {base} of each deal.",
        "fixed": "{amount} for each deal.",
        "fixed_minimum": "{amount} for each deal that brought at least {minimum}.",
        "tiered_percent": "A percentage of {base} by tiers of the month's attainment: {tiers}.",
        "tiered_fixed": "An amount for each deal by tiers of the month's attainment: {tiers}.",
        "tier_percent": "from {bound}: {percent} %",
        "tier_fixed": "from {bound}: {amount}",
        "target_bound": "{percent} % of target",
        "money_bound": "{amount}",
        "count_bound": "{count} deals",
        "attainment": "Attained are the {measure} of {scope}, {deals}.",
        "scope_seller": "the employee",
        "scope_room": "the whole room",
        "deals_matching": "from deals that the rule is for",
        "deals_all": "from all deals",
        "measure_receipts": "receipts",
        "measure_net_of_vat": "receipts net of VAT",
        "measure_margin": "margin",
        "measure_count": "number of deals",
        "base_receipts": "receipts",
        "base_net_of_vat": "receipts net of VAT",
        "base_margin": "margin",
        "marginal": "Each part of the attainment is paid at the rate of its own tier.",
        "retroactive": "Everything since the month began is paid at the rate of the tier reached.",
        "threshold": "Below {bound} nothing is paid; once it is reached, everything.",
        "pool_percent": "A pool of the room: {percent} % of {base} of the month.",
        "pool_amount": "A pool of the room: {amount} a month.",
        "pool_shares": "The pool is shared: {shares}.",
        "pool_share": "{person} {percent} %",
        "pool_credit": "The pool is shared between sellers by their credited receipts.",
        "cap": "At most {amount} a month.",
        "floor": "At least {amount} a month: what is missing is added after its end.",
        "draw_recoverable": (
            "At least {amount} is paid a month; what was paid beyond the earnings is a debt, taken"
            " off what later months earn beyond that amount."
        ),
        "draw_forgiven": (
            "At least {amount} is paid a month; what was paid beyond the earnings is forgiven."
        ),
        "people": "The rule is for: {people}.",
        "product_category": "Only products of category “{value}”.",
        "source_kind_cold": "Only cold sales.",
        "source_kind_inbound": "Only inbound requests.",
        "source_kind_renewal": "Only the source “renewal”.",
        "sale_first": "Only the first sale to a client.",
        "sale_repeat": "Only repeat sales.",
        "sale_renewal": "Only renewals.",
        "vip_coefficient": "For VIP clients times {coefficient}.",
        "rule_cap": "Under this rule at most {amount} a month for one employee.",
        "recipients": "Paid not to the seller: each of {people} gets the whole.",
        "closing": (
            "Where several rules match, each pays. Receipts are net of refunds. Amounts are rounded"
            " to the kopeck, halves up."
        ),
        "closing_catalogue": (
            "VAT and costs are those of the day of the win. The margin is receipts net of VAT less"
            " the cost of what was paid, for each product never below zero; a product without a"
            " known cost has no margin."
        ),
        "personnel_number": "personnel no. {number}",
        "check_overlap": "Several rules pay these deals.",
        "check_gap": "The seller gets nothing for these deals.",
        "check_below_first_tier": "Below the first tier nothing is paid.",
        "check_needs_target": (
            "A target is needed: without one the rule pays as if nothing was attained."
        ),
        "check_vat_unknown": (
            "The company's requisites do not say how it pays VAT on the plan's first day: the rule"
            " would pay nothing, so the plan can't be published."
        ),
        "check_cost_unknown": (
            "Some products have no cost on the plan's first day: they have no margin, and pay"
            " nothing until their cost is entered."
        ),
        "check_unknown_category": "No product of the company is of this category.",
    },
}

MONTHS: Mapping[str, tuple[str, ...]] = {
    "ru": (
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}
