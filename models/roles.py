"""Who acts in after-sales (岗位). The identifiers are the manual's posts and departments in English.

Manual 000 二: the customer service manager leads the department, with two clerks.
"""

from models.labels import Labelled
from models.language import N_


class Role(Labelled):
    """A post or department that people hold; one person may hold several (manual 000 三, 四.1)."""

    MARKETING_VP = "marketing_vp", N_("marketing vice-president")
    CS_MANAGER = "cs_manager", N_("customer service manager")
    CS_CLERK = "cs_clerk", N_("customer service clerk")
    TECHNOLOGY_HEAD = "technology_head", N_("head of technology")
    TECHNICIAN = "technician", N_("technician")
    WAREHOUSE_KEEPER = "warehouse_keeper", N_("warehouse keeper")
    OFFICE_MANAGER = "office_manager", N_("branch office manager")
    REGIONAL_MANAGER = "regional_manager", N_("regional manager")
    MARKETING_DEPT = "marketing_dept", N_("marketing department")
    PRODUCTION_DEPT = "production_dept", N_("production department")
    QUALITY_DEPT = "quality_dept", N_("quality department")
    PURCHASING_DEPT = "purchasing_dept", N_("purchasing department")
    TECHNOLOGY_DEPT = "technology_dept", N_("technology department")
    LOGISTICS_DEPT = "logistics_dept", N_("logistics department")
    FINANCE_DEPT = "finance_dept", N_("finance department")
    PLANNING_DEPT = "planning_dept", N_("planning department")
    LOGISTICS_DISTRIBUTOR = "logistics_distributor", N_("distributor")
    EXCLUSIVE_SHOP = "exclusive_shop", N_("exclusive shop")
    SUB_DISTRIBUTOR = "sub_distributor", N_("sub-distributor")
    REPAIR_STATION = "repair_station", N_("repair station")
    AUDITOR = "auditor", N_("auditor")
    ADMINISTRATOR = "administrator", N_("system administrator")


class PartyKind(Labelled):
    """What a party is to the company (manual 000 四.1 art. 5 and 6)."""

    COMPANY = "company", N_("company")
    BRANCH_OFFICE = "branch_office", N_("branch office")
    DISTRIBUTOR = "distributor", N_("distributor")
    SHOP = "shop", N_("exclusive shop")
    SUB_DISTRIBUTOR = "sub_distributor", N_("sub-distributor")
    REPAIR_STATION = "repair_station", N_("repair station")
    CARRIER = "carrier", N_("carrier")
    SUPPLIER = "supplier", N_("supplier")


#: Whose post answers for a party of a kind: at a dealer or station whoever acts for it, at an office its manager.
POST_AT = {
    PartyKind.BRANCH_OFFICE: Role.OFFICE_MANAGER,
    PartyKind.DISTRIBUTOR: Role.LOGISTICS_DISTRIBUTOR,
    PartyKind.SHOP: Role.EXCLUSIVE_SHOP,
    PartyKind.SUB_DISTRIBUTOR: Role.SUB_DISTRIBUTOR,
    PartyKind.REPAIR_STATION: Role.REPAIR_STATION,
}

#: The parties that buy from the company and may raise a batch quality objection: the dealers (经销商).
DEALER_KINDS = frozenset({PartyKind.DISTRIBUTOR, PartyKind.SHOP, PartyKind.SUB_DISTRIBUTOR})
