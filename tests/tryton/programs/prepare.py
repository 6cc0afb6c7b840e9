"""Sets up a company, its accounts, products and Shopify shop in an empty Tryton database.

Runs in Tryton's environment; reads one JSON object from standard input:
{config, currency, countries: {code: name}, years: [..], shop, token, locations: [{id, name}],
products: [{variant_id, sku, title, price, is_good}], customers: [{id, name}]}

Customers are taken over with an address, as from an older system: Tryton takes no sale over the counter without one,
and a single order that it refuses holds up all that come after it.
"""

import datetime
import json
import sys
from decimal import Decimal

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company

given = json.load(sys.stdin)
config.set_trytond("sqlite:///erp", config_file=given["config"])

Country = Model.get("country.country")
for code, name in given["countries"].items():
    Country(name=name, code=code).save()
create_company(currency=given["currency"])
company = get_company()
create_chart(company)
accounts = get_accounts(company)
for year in given["years"]:
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    fiscal_year = create_fiscalyear(company, today=datetime.date(year, 7, 1))
    fiscal_year.start_date, fiscal_year.end_date = first, last
    set_fiscalyear_invoice_sequences(fiscal_year)
    fiscal_year.click("create_period")

Location, Account, Journal = Model.get("stock.location"), Model.get("account.account"), Model.get("account.journal")
clearing = Account(parent=accounts["receivable"].parent, name="Shopify", code="1150", type=accounts["receivable"].type)
clearing.reconcile = True
clearing.save()
PaymentJournal = Model.get("account.payment.journal")
payments = PaymentJournal(name="Shopify", process_method="shopify")
payments.save()

warehouses = {}
(first_warehouse,) = Location.find([("type", "=", "warehouse")])
for place in given["locations"]:
    if not warehouses:
        warehouse = first_warehouse
    else:
        Storage = [
            Location(name=f"{place['name']} {kind}", type=t)
            for kind, t in (("in", "storage"), ("out", "storage"), ("stock", "storage"))
        ]
        for location in Storage:
            location.save()
        warehouse = Location(name=place["name"], type="warehouse")
        warehouse.input_location, warehouse.output_location, warehouse.storage_location = Storage
    warehouse.name, warehouse.code = place["name"], str(place["id"])
    warehouse.save()
    warehouses[place["id"]] = warehouse

WebShop = Model.get("web.shop")
shop = WebShop(name=given["shop"], type="shopify", shopify_shop_name=given["shop"], shopify_access_token=given["token"])
shop.currency = company.currency
Party = Model.get("party.party")
shop.guest_party = Party(name="Guests of the shop")
shop.guest_party.addresses.new()
shop.guest_party.save()
for warehouse in warehouses.values():
    shop.shopify_warehouses.new().warehouse = warehouse
shop.shopify_payment_journals.new().journal = payments
shop.save()
for line in shop.shopify_warehouses:
    line.shopify_id = line.warehouse.code
shop.save()

Category, Template, Uom = Model.get("product.category"), Model.get("product.template"), Model.get("product.uom")
category = Category(name="Goods", accounting=True)
category.account_expense, category.account_revenue = accounts["expense"], accounts["revenue"]
category.save()
(unit,) = Uom.find([("name", "=", "Unit")])
Identifier = Model.get("web.shop.shopify_identifier")
# More at once than this, and SQLite gives up on the statements that Tryton makes of them.
BATCH = 20
templates = []
for product in given["products"]:
    template = Template(name=product["title"], default_uom=unit, salable=True, account_category=category)
    template.type = "goods" if product["is_good"] else "service"
    template.list_price, template.shopify_uom = Decimal(product["price"]), unit
    template.products[0].suffix_code = product["sku"]
    templates.append(template)
for start in range(0, len(templates), BATCH):
    Template.save(templates[start : start + BATCH])
parties = [Party(name=customer["name"]) for customer in given["customers"]]
for party in parties:
    if not party.addresses:
        party.addresses.new()
for start in range(0, len(parties), BATCH):
    Party.save(parties[start : start + BATCH])
identifiers = []
for customer, party in zip(given["customers"], parties, strict=True):
    identifier = Identifier(record=party, web_shop=shop)
    identifier.shopify_identifier = int(customer["id"])
    identifiers.append(identifier)
for product, template in zip(given["products"], templates, strict=True):
    identifier = Identifier(record=template.products[0], web_shop=shop)
    identifier.shopify_identifier = int(product["variant_id"])
    identifiers.append(identifier)
for start in range(0, len(identifiers), BATCH):
    Identifier.save(identifiers[start : start + BATCH])
json.dump({"company": company.id, "shop": shop.id, "products": len(given["products"])}, sys.stdout)
