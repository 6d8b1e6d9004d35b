from random import Random

from crashing import empty
from returns import hold, play_a_return
from sqlalchemy import Engine

from models.queries import stock
from tasks.database import transaction
from tasks.verifying import verify


def test_many(company: Engine) -> None:
    by = {"B-01": "zhou.hai", "D-01": "he.jun", "D-02": "li.na"}
    for seed in range(14):
        chance = Random(seed)
        sender = chance.choice(sorted(by))
        for part in ("P-001", "P-002", "P-003", "P-005"):
            if chance.random() < 0.6:
                hold(sender, part, chance.randint(1, 6), days_ago=chance.choice([1, 59, 61, 90]), batch=chance.choice(["", "MH260101"]))
        play_a_return(sender, by[sender], chance)
        with transaction() as session:
            assert list(stock.overdrawn(session)) == []
        assert verify() == [], seed
