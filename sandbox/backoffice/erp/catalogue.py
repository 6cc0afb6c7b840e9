"""Tables and columns of the ERP as SuiteQL shows them, with the type of each column.

Types: int, num, text, bool ('T' or 'F'), date (ISO text inside, in the company's calendar), datetime (epoch seconds
inside). `custbody_`, `custcol_`, `custentity_`, `custrecord_` and `customrecord_` are the merchant's own, as every
account has some. In SQLite each table is `ns_<name>`.

Signs are NetSuite's: on sales, item lines have negative quantity and foreignamount and the main line is positive; on
credit memos and refunds the other way round.
"""

from __future__ import annotations

_TRANSACTION = """
id int, tranid text, transactionnumber text, type text, recordtype text, trandate date, createddate datetime,
lastmodifieddate datetime, duedate date, closedate date, status text, entity int, currency int, exchangerate num,
foreigntotal num, foreignamountremaining num, posting bool, postingperiod int, memo text, createdby int,
voided bool, isreversal bool, reversal int, otherrefnum text, location int, transferlocation int, shipdate date,
actualshipdate datetime, expectedreceiptdate date, actualreceiptdate datetime, trackingnumberlist text, source text,
ismanual bool, custbody_fa_channel_order text, custbody_fa_channel_refund text, custbody_fa_channel_return text,
custbody_fa_gateway_reference text
"""
_LINE = """
transaction int, id int, uniquekey int, linesequencenumber int, item int, itemtype text, quantity num, rate num,
netamount num, foreignamount num, location int, subsidiary int, mainline bool, taxline bool, iscogs bool,
isinventoryaffecting bool, kitcomponent bool, kitmemberof int, createdfrom int, isclosed bool, isfullyshipped bool,
quantitybilled num, quantityshiprecv num, memo text, linelastmodifieddate datetime, custcol_fa_channel_line text,
custcol_fa_tax_amount num, custcol_restocked_quantity num
"""
_ACCOUNTING = """
transaction int, transactionline int, account int, accountingbook int, amount num, debit num, credit num,
netamount num, posting bool, exchangerate num
"""

_DECLARED: dict[str, tuple[str, str]] = {
    # table: (columns, primary key)
    "transaction": (_TRANSACTION, "id"),
    "transactionline": (_LINE, "transaction, id"),
    "transactionaccountingline": (_ACCOUNTING, "transaction, transactionline"),
    "nexttransactionlinelink": (
        "previousdoc int, previousline int, nextdoc int, nextline int, linktype text, lastmodifieddate datetime",
        "previousdoc, previousline, nextdoc, nextline",
    ),
    "account": ("id int, acctnumber text, fullname text, accttype text, isinactive bool, custrecord_class text", "id"),
    "accountingperiod": (
        "id int, periodname text, startdate date, enddate date, isquarter bool, isyear bool, closed bool", "id"
    ),
    "subsidiary": ("id int, name text, currency int, isinactive bool", "id"),
    "currency": ("id int, symbol text, name text, isbasecurrency bool", "id"),
    "currencyrate": (
        "id int, basecurrency int, transactioncurrency int, exchangerate num, effectivedate date,"
        " lastmodifieddate datetime",
        "id",
    ),
    "customer": (
        "id int, entityid text, altname text, companyname text, email text, isperson bool, isinactive bool,"
        " currency int, subsidiary int, datecreated datetime, lastmodifieddate datetime,"
        " custentity_fa_channel_customer text",
        "id",
    ),
    "location": (
        "id int, name text, fullname text, isinactive bool, subsidiary int, timezone text, lastmodifieddate datetime,"
        " custrecord_fa_channel_location text, custrecord_partner text, custrecord_warehouse_code text",
        "id",
    ),
    "item": (
        "id int, itemid text, displayname text, itemtype text, subtype text, cost num, averagecost num,"
        " lastpurchaseprice num, costingmethod text, parent int, upccode text, isinactive bool, createddate datetime,"
        " lastmodifieddate datetime",
        "id",
    ),
    "kititemmember": (
        "parentitem int, item int, linenumber int, quantity num, effectivedate date, obsoletedate date",
        "parentitem, item, effectivedate",
    ),
    "itemprice": ("item int, pricelevel int, pricelevelname text, price num, currency int, quantity num",
                  "item, pricelevel, currency"),
    "pricelevel": ("id int, name text, isinactive bool, lastmodifieddate datetime", "id"),
    "customeritempricing": ("customer int, item int, level int, price num, currency int", "customer, item"),
    "aggregateitemlocation": (
        "item int, location int, quantityonhand num, quantityavailable num, quantitycommitted num,"
        " quantityonorder num, quantitybackordered num, quantityintransit num, averagecostmli num,"
        " onhandvaluemli num, lastquantityavailablechange datetime",
        "item, location",
    ),
    "deletedrecord": (
        "recordid int, type text, name text, deleteddate datetime, deletedby int, context text, iscustomrecord bool",
        "type, recordid",
    ),
    "customrecord_item_alias": (
        "id int, custrecord_alias_item int, custrecord_alias_system text, custrecord_alias_sku text,"
        " custrecord_alias_factor num, custrecord_alias_from date, custrecord_alias_to date,"
        " lastmodified datetime",
        "id",
    ),
    "customrecord_price_period": (
        "id int, custrecord_price_item int, custrecord_price_level int, custrecord_price_customer int,"
        " custrecord_price_currency int, custrecord_price_amount num, custrecord_price_quantity num,"
        " custrecord_price_from date, custrecord_price_to date, lastmodified datetime",
        "id",
    ),
    "customrecord_bank_line": (
        "id int, custrecord_bank_account int, custrecord_bank_value_date date, custrecord_bank_amount num,"
        " custrecord_bank_currency int, custrecord_bank_reference text, custrecord_bank_description text,"
        " created datetime, lastmodified datetime",
        "id",
    ),
}  # fmt: skip

_INDEXES = (
    ("transaction", "type, lastmodifieddate, id"),
    ("transaction", "lastmodifieddate, id"),
    ("transactionline", "createdfrom"),
    ("customer", "custentity_fa_channel_customer"),
)


def _columns(text: str) -> dict[str, str]:
    pairs = (part.split() for part in text.replace("\n", " ").split(","))
    return {name: kind for name, kind in (pair for pair in pairs if pair)}


TABLES: dict[str, dict[str, str]] = {name: _columns(columns) for name, (columns, _) in _DECLARED.items()}


def _quoted(names: str) -> str:
    return ", ".join(f'"{name.strip()}"' for name in names.split(","))


def ddl() -> str:
    """Return the statements that create all tables where they are missing."""
    statements = []
    for name, (_, key) in _DECLARED.items():
        columns = ", ".join(f'"{column}"' for column in TABLES[name])
        statements.append(
            f"CREATE TABLE IF NOT EXISTS ns_{name} ({columns}, PRIMARY KEY ({_quoted(key)})) WITHOUT ROWID"
        )
    for place, (table, columns) in enumerate(_INDEXES):
        statements.append(f"CREATE INDEX IF NOT EXISTS ns_index_{place} ON ns_{table} ({_quoted(columns)})")
    return ";\n".join(statements)


def insert(table: str) -> str:
    """Return the statement that writes a row with a value for each column, replacing the row of the same key."""
    marks = ", ".join("?" * len(TABLES[table]))
    return f"INSERT OR REPLACE INTO ns_{table} VALUES ({marks})"
