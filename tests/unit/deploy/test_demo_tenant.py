"""What the launcher says of the demo tenant."""

from deploy.local.demo_tenant import first_by_role


def test_each_role_is_shown_by_its_first_account_in_the_order_of_a_sale() -> None:
    accounts = [
        {"username": "admin", "roles": ["admin"]},
        {"username": "seller", "roles": ["seller"]},
        {"username": "other", "roles": ["seller"]},
        {"username": "head", "roles": ["head", "seller"]},
    ]
    shown = {role: account["username"] for role, account in first_by_role(accounts).items()}
    assert list(shown.items()) == [("seller", "seller"), ("head", "head"), ("admin", "admin")]
    assert first_by_role([]) == {}
