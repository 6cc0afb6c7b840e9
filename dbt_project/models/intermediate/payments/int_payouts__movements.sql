-- What each payout consists of: the balance transactions that were paid out together. The payout itself is one of them
-- (TRANSFER) and is left out, so that the rest comes to its net amount.
with movements as (
    select
        *,
        case
            when type in ('CHARGE', 'REFUND', 'TRANSFER_FAILURE') then type
            when type in ('RESERVED_FUNDS', 'RESERVED_FUNDS_REVERSAL', 'RESERVED_FUNDS_WITHDRAWAL') then 'RESERVE'
            when source_type = 'DISPUTE' then 'DISPUTE'
            else 'ADJUSTMENT'
        end as kind
    from {{ ref('stg_shopify__balance_transactions') }}
    where payout_id is not null and type != 'TRANSFER' and not is_test
),

final as (
    select
        shop,
        payout_id,
        count(*) as movements_count,
        {{ money("sum(case when kind = 'CHARGE' then amount else 0 end)") }} as charges_amount,
        {{ money("sum(case when kind = 'REFUND' then amount else 0 end)") }} as refunds_amount,
        {{ money("sum(case when kind = 'DISPUTE' then amount else 0 end)") }} as disputes_amount,
        {{ money("sum(case when kind = 'RESERVE' then amount else 0 end)") }} as reserves_amount,
        {{ money("sum(case when kind = 'ADJUSTMENT' then amount else 0 end)") }} as adjustments_amount,
        {{ money("sum(case when kind = 'TRANSFER_FAILURE' then amount else 0 end)") }} as retried_amount,
        {{ money('sum(fee_amount)') }} as fees_amount,
        {{ money("sum(case when kind = 'DISPUTE' then fee_amount else 0 end)") }} as dispute_fees_amount,
        {{ money('sum(net_amount)') }} as net_amount,
        min(transacted_at) as first_transacted_at,
        max(transacted_at) as last_transacted_at
    from movements
    group by shop, payout_id
)

select * from final
