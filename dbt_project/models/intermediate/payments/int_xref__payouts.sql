-- Which documents of the ledger and which lines of the bank's statement are about which payout: by its id, else by the
-- trace id that the bank prints.
with payout_keys as (
    select
        shop,
        payout_id,
        {{ text('payout_id') }} as payout_key,
        'id' as match_method
    from {{ ref('stg_shopify__payouts') }}
    union all
    select
        shop,
        payout_id,
        upper(trim(external_trace_id)) as payout_key,
        'trace_id' as match_method
    from {{ ref('stg_shopify__payouts') }}
    where external_trace_id is not null
),

records as (
    select distinct
        'ledger' as system,
        erp as connection,
        document_id as external_id,
        {{ reference('reference', 'ShopifyPaymentsPayout') }} as payout_key
    from {{ ref('stg_erp__gl_entries') }}
    where is_posted and reference is not null
    union all
    select
        'bank' as system,
        erp as connection,
        bank_line_id as external_id,
        {{ reference('reference', 'ShopifyPaymentsPayout') }} as payout_key
    from {{ ref('stg_erp__bank_lines') }}
    where reference is not null
),

final as (
    select
        payout_keys.shop,
        payout_keys.payout_id,
        records.system,
        records.connection,
        records.external_id,
        min(payout_keys.match_method) as match_method,
        {{ decimal('1', 5, 2) }} as match_confidence
    from records
    inner join payout_keys on records.payout_key = payout_keys.payout_key
    group by
        payout_keys.shop, payout_keys.payout_id, records.system, records.connection, records.external_id
)

select * from final
