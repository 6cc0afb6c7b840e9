"""Lets Tryton's Shopify connector fetch orders, as its scheduler would, until a run brings nothing new.

Runs in Tryton's environment; reads {config, most_runs} from standard input, writes {runs, sales, states}.
"""

import json
import sys
from collections import Counter

from proteus import Model, config

given = json.load(sys.stdin)
config.set_trytond("sqlite:///erp", config_file=given["config"])
Sale, Cron = Model.get("sale.sale"), Model.get("ir.cron")
(fetch,) = Cron.find([("method", "=", "web.shop|shopify_fetch_order")])
runs, known = 0, -1
while runs < given["most_runs"]:
    found = len(Sale.find([]))
    if found == known:
        break
    known = found
    fetch.click("run_once")
    runs += 1
states = Counter(sale.state for sale in Sale.find([]))
json.dump({"runs": runs, "sales": sum(states.values()), "states": states}, sys.stdout)
