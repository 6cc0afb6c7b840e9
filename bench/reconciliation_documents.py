"""What ERP, partners and payments write about an order: selects over `handled` and `handled_lines`, by raw table.

`handled` has a row for each order at hand, `handled_lines` one for each of its lines (reconciliation_world.py makes
them). An order reaches the ERP after 10 minutes and its warehouse after 15, is shipped after three hours, fulfilled 20
minutes later in the shop and 50 in the ERP; goods come back an hour before their refund.
"""


def _at(minutes: int) -> str:
    return f"placed_at + interval {minutes} minute"


def document_rows(erp: str, now: str, *, is_first: bool) -> dict[str, str]:
    """Documents, postings and movements of money; `now` is the instant of the extraction as SQL."""
    payout_day = f"({now})::date" if not is_first else "(instant at time zone 'UTC')::date"
    in_erp = "place != 1"
    return {
        "raw_erp.sales_orders": f"""
            select
                '{erp}' as erp, 'S' || id as sales_order_id, 'SO' || id as number,
                'gid://shopify/Order/' || id as shopify_reference, 'C' || customer_id as customer_id, order_date,
                {_at(10)} as created_at, {now} as updated_at, 'billed' as status, currency, exchange_rate,
                total_amount + if(place = 3, 10, 0) as total_amount, tax_amount, 5 as shipping_amount,
                0 as discount_amount
            from handled where {in_erp}
        """,
        "raw_erp.fulfillments": f"""
            select
                '{erp}' as erp, 'F' || id as fulfillment_id, 'IF' || id as number, 'S' || id as sales_order_id,
                order_date as shipped_date, {_at(230)} as created_at, {_at(230)} as updated_at, 'shipped' as status,
                'L' || location_id as location_id, 'TRK' || id as tracking_numbers
            from handled where place not in (1, 2)
        """,
        "raw_erp.invoices": f"""
            select
                '{erp}' as erp, 'V' || id as invoice_id, 'INV' || id as number, 'S' || id as sales_order_id,
                order_date as invoice_date, {_at(230)} as created_at, {_at(230)} as updated_at, 'paid' as status,
                currency, exchange_rate, total_amount, tax_amount, 5 as shipping_amount, 0 as remaining_amount
            from handled where {in_erp}
        """,
        "raw_erp.payments": f"""
            select
                '{erp}' as erp, 'M' || id as payment_id, 'PAY' || id as number, 'payment' as kind,
                'S' || id as sales_order_id, id as gateway_reference, order_date as payment_date,
                {_at(30)} as created_at, {_at(30)} as updated_at, 'applied' as status, currency,
                total_amount as amount
            from handled where place not in (1, 4)
        """,
        "raw_erp.credit_memos": f"""
            select
                '{erp}' as erp, 'K' || id as credit_memo_id, 'CM' || id as number, 'S' || id as sales_order_id,
                refund_id::varchar as shopify_refund_reference, order_date as memo_date,
                refunded_at + interval 30 minute as created_at, refunded_at + interval 30 minute as updated_at,
                'applied' as status, currency, exchange_rate, refunded_amount as total_amount, 0 as tax_amount
            from handled where refund_id is not null and {in_erp}
        """,
        "raw_threepl.orders": f"""
            select
                partner, 'P' || id as order_id, id as order_reference, '#' || id as order_number,
                'W' || location_id as warehouse_code, 'completed' as status, {_at(15)} as received_at,
                {_at(180)} as updated_at
            from handled
        """,
        "raw_threepl.shipments": f"""
            select
                partner, 'H' || id as shipment_id, 'P' || id as order_id, id as order_reference,
                'W' || location_id as warehouse_code, 'shipped' as status, {_at(60)} as created_at,
                {_at(150)} as labeled_at, {_at(180)} as shipped_at, zone, 'file' as zone_source, 'UPS' as carrier,
                'TRK ' || id as tracking_number, {_at(180)} as updated_at
            from handled
        """,
        "raw_threepl.returns": """
            select
                partner, 'B' || id as return_id, 'RMA' || id as rma_number, id as order_reference,
                'W' || location_id as warehouse_code, 'completed' as status,
                refunded_at - interval 2 hour as received_at, refunded_at - interval 1 hour as completed_at, zone,
                'file' as zone_source, refunded_at - interval 1 hour as updated_at
            from handled where refund_id is not null
        """,
        "raw_shopify.fulfillment_orders": f"""
            select
                shop, order_id as fulfillment_order_id, order_id, 'CLOSED' as status, placed_at as created_at,
                {_at(200)} as updated_at, location_id
            from handled
        """,
        "raw_shopify.fulfillments": f"""
            select
                shop, order_id as fulfillment_id, order_id, placed_at as order_created_at, '#' || id || '.1' as name,
                'SUCCESS' as status, {_at(200)} as created_at, {_at(200)} as updated_at, location_id,
                'TRK' || id as tracking_number
            from handled
        """,
        "raw_shopify.balance_transactions": f"""
            select
                shop, transaction_id as balance_transaction_id,
                datediff('day', date '2020-01-01', {payout_day}) * 10 + if(shop = 'us', 1, 2) as payout_id,
                'PAID' as payout_status, type, order_id, amount, fee_amount, amount - fee_amount as net_amount,
                currency, instant as transacted_at, false as is_test
            from (
                select
                    shop, order_id * 10 + 1 as transaction_id, 'CHARGE' as type, order_id, total_amount as amount,
                    round(total_amount * 0.03, 2)::decimal(18, 4) as fee_amount, currency, placed_at as instant
                from handled
                union all
                select shop, order_id * 10 + 2, 'REFUND', order_id, -refunded_amount, 0, currency, refunded_at
                from handled where refund_id is not null
            )
            where transaction_id not in (select balance_transaction_id from raw_shopify.balance_transactions)
        """,
        "raw_shopify.payouts": """
            select
                shop, payout_id, 'PAID' as status, 'DEPOSIT' as transaction_type,
                timestamptz '2020-01-02 00:00:00+00' + to_days((payout_id // 10)::integer) as issued_at, currency,
                sum(net_amount) as net_amount
            from raw_shopify.balance_transactions
            where payout_id not in (select payout_id from raw_shopify.payouts)
            group by shop, payout_id, currency
        """,
        "raw_erp.bank_lines": f"""
            select
                '{erp}' as erp, 'BL' || payout_id as bank_line_id, 'bank' as account_code,
                (issued_at + interval 6 hour)::date as value_date, net_amount as amount, currency,
                payout_id::varchar as reference, issued_at + interval 6 hour as created_at
            from raw_shopify.payouts
            where payout_id::varchar not in (select reference from raw_erp.bank_lines)
        """,
        "raw_erp.gl_entries": _postings(erp),
    }


def _postings(erp: str) -> str:
    """Two or three entries of each document; debits are positive."""
    of_orders = {
        ("invoice", "V", "INV", 230, "place != 1"): {
            "receivable": "total_amount", "revenue": "tax_amount - total_amount", "tax": "-tax_amount",
        },
        ("payment", "M", "PAY", 30, "place not in (1, 4)"): {"clearing": "total_amount", "receivable": "-total_amount"},
        ("fulfillment", "F", "IF", 230, "place not in (1, 2)"): {"cogs": "24", "inventory": "-24"},
    }  # fmt: skip
    selects = [
        f"select '{letter}' || id as document_id, '{kind}' as document_type, '{prefix}' || id as document_number, "
        f"{_at(minutes)} as created_at, '{account}' as account_type, ({amount})::decimal(18, 4) as amount, currency, "
        f"'L' || location_id as location_id, null as reference from handled where {condition}"
        for (kind, letter, prefix, minutes, condition), entries in of_orders.items()
        for account, amount in entries.items()
    ]
    of_payouts = {"bank": "net_amount", "fees": "fee_amount", "clearing": "-net_amount - fee_amount"}
    selects += [
        f"select 'D' || payout_id, 'deposit', 'DEP' || payout_id, issued_at + interval 6 hour, '{account}', "
        f"({amount})::decimal(18, 4), currency, null, payout_id::varchar from ("
        "select payouts.*, fees.fee_amount from raw_shopify.payouts as payouts inner join ("
        "select payout_id, sum(fee_amount) as fee_amount from raw_shopify.balance_transactions group by payout_id"
        ") as fees using (payout_id) where 'D' || payout_id not in (select document_id from raw_erp.gl_entries))"
        for account, amount in of_payouts.items()
    ]
    return f"""
        select
            '{erp}' as erp, document_id || '-' || account_type as gl_entry_id, document_id, document_type,
            document_number, (created_at at time zone 'UTC')::date as posting_date,
            strftime(created_at at time zone 'UTC', '%Y-%m') as period, true as is_posted, false as is_manual,
            account_type as account_code, account_type, greatest(amount, 0) as debit_amount,
            greatest(-amount, 0) as credit_amount, currency, location_id, reference, created_at,
            created_at as updated_at
        from ({" union all ".join(selects)})
    """


def line_rows(erp: str) -> dict[str, str]:
    """Lines of the documents, and what the warehouses moved for them."""
    net = "unit_price_amount * quantity - discount_amount"
    return {
        "raw_erp.sales_order_lines": f"""
            select
                '{erp}' as erp, 'S' || id || '-' || line_number as line_id, 'S' || id as sales_order_id, line_number,
                'item' as line_type, item_id, sku, quantity, unit_price_amount, {net} as net_amount,
                line_tax_amount as tax_amount, 'L' || location_id as location_id,
                order_line_id::varchar as shopify_line_reference
            from handled_lines where place != 1
            union all
            select
                '{erp}', 'S' || id || '-0', 'S' || id, 0, 'shipping', null, null, 1, 5, 5, 0, 'L' || location_id, null
            from handled where place != 1
        """,
        "raw_erp.invoice_lines": f"""
            select
                '{erp}' as erp, 'V' || id || '-' || line_number as line_id, 'V' || id as invoice_id,
                'item' as line_type, item_id, sku, quantity, {net} as net_amount, line_tax_amount as tax_amount,
                'revenue' as account_code
            from handled_lines where place != 1
        """,
        "raw_erp.fulfillment_lines": f"""
            select
                '{erp}' as erp, 'F' || id || '-' || line_number as line_id, 'F' || id as fulfillment_id,
                'S' || id || '-' || line_number as sales_order_line_id, item_id, sku, quantity
            from handled_lines where place not in (1, 2)
        """,
        "raw_threepl.order_lines": """
            select partner, 'P' || id as order_id, line_number, order_line_id::varchar as line_reference, sku, quantity
            from handled_lines
        """,
        "raw_threepl.shipment_lines": """
            select
                partner, 'H' || id as shipment_id, line_number, order_line_id::varchar as line_reference, sku,
                quantity as ordered_quantity, quantity
            from handled_lines
        """,
        "raw_threepl.return_lines": """
            select
                partner, 'B' || id as return_id, 1 as line_number, sku, quantity as expected_quantity,
                quantity as received_quantity, 'restock' as disposition, quantity as processed_quantity
            from handled_lines where refund_id is not null and line_number = 1
        """,
        "raw_shopify.fulfillment_lines": """
            select
                shop, order_line_id as fulfillment_line_id, order_id as fulfillment_id, quantity, order_line_id
            from handled_lines
        """,
        "raw_threepl.movements": f"""
            select * from (
                select
                    partner, 'H' || order_line_id as movement_id, 'W' || location_id as warehouse_code, sku,
                    'shipment' as kind, -quantity as quantity, 'H' || id as reference, {_at(180)} as occurred_at,
                    zone, 'file' as zone_source
                from handled_lines
                union all
                select
                    partner, 'R' || id, 'W' || location_id, sku, 'return', quantity, 'RMA' || id,
                    refunded_at - interval 1 hour, zone, 'file'
                from handled_lines where refund_id is not null and line_number = 1
            )
            where movement_id not in (select movement_id from raw_threepl.movements)
        """,
    }
