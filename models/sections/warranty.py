"""What a policy says on warranty terms and charges (保修期与收费). Manual 000 四.1 art. 1."""

from models.data_files import Strict


class WarrantyPolicy(Strict):
    """Terms by kind of goods, and what may be charged beyond them."""
