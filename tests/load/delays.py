from tests.load.measuring import Figure


async def measure(*a: object) -> list[Figure]:
    return []
