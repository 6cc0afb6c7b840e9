-- What the ERP says of its own stock: transfers that never arrived, and value that the ledger does not have.
with places as (
    select
        erp,
        erp_location_id,
        min(shop) as shop,
        min(currency) as currency
    from {{ ref('int_xref__locations') }}
    where erp_location_id is not null
    group by erp, erp_location_id
),

late as (
    select
        transfers.erp,
        transfers.number,
        coalesce(max(places.shop), transfers.erp) as shop,
        max(places.currency) as currency,
        max(cast(transfers.due_date as {{ type_instant() }})) as due_at,
        sum(transfers.quantity) as quantity,
        sum(transfers.received_quantity) as received_quantity
    from {{ ref('stg_erp__transfers') }} as transfers
    left join places on transfers.erp = places.erp and transfers.from_location_id = places.erp_location_id
    where transfers.status not in ('received', 'cancelled', 'closed') and transfers.received_at is null
    group by transfers.erp, transfers.number
),

valued as (
    select
        erp,
        location_id,
        max(as_of) as as_of,
        sum(value_amount) as value_amount
    from {{ ref('stg_erp__inventory_balances') }}
    group by erp, location_id
),

booked as (
    select
        erp,
        location_id,
        max(currency) as currency,
        sum(debit_amount - credit_amount) as booked_amount
    from {{ ref('stg_erp__gl_entries') }}
    where account_type = 'inventory' and is_posted and location_id is not null
    group by erp, location_id
),

apart as (
    select
        valued.erp,
        valued.location_id,
        valued.as_of,
        valued.value_amount,
        booked.booked_amount,
        booked.currency,
        coalesce(places.shop, valued.erp) as shop
    from valued
    inner join booked on valued.erp = booked.erp and valued.location_id = booked.location_id
    inner join {{ ref('break_taxonomy') }} as taxonomy on taxonomy.code = 'INV-09'
    left join places on valued.erp = places.erp and valued.location_id = places.erp_location_id
    where abs(valued.value_amount - booked.booked_amount) > taxonomy.tolerance_share * abs(valued.value_amount)
),

not_arrived as (
    {{ break_candidate(
        'INV-08', 'transfer', 'number', 'due_at', order_id=none, expected='quantity', actual='received_quantity',
        delta='received_quantity - quantity', evidence={'transfer': 'number'}
    ) }}
    from late
),

differently_valued as (
    {{ break_candidate(
        'INV-09', 'location', 'location_id', 'as_of', order_id=none, expected='value_amount', actual='booked_amount',
        delta='booked_amount - value_amount', money='abs(booked_amount - value_amount)',
        evidence={'location_id': 'location_id'}
    ) }}
    from apart
)

select * from not_arrived
union all
select * from differently_valued
