-- What the bank's statement says of each payout.
with final as (
    select
        xref.shop,
        xref.payout_id,
        count(*) as lines_count,
        min(lines.bank_line_id) as bank_line_id,
        min(lines.value_date) as value_date,
        {{ money('sum(lines.amount)') }} as amount
    from {{ ref('int_xref__payouts') }} as xref
    inner join {{ ref('stg_erp__bank_lines') }} as lines
        on xref.connection = lines.erp and xref.external_id = lines.bank_line_id
    where xref.system = 'bank'
    group by xref.shop, xref.payout_id
)

select * from final
