-- What the ledger posted about each payout by kind of account, debits positive. Of documents of one kind about the same
-- payout the first one speaks; how many there are is kept.
{%- set kinds = {
    'bank_amount': "account_type = 'bank'",
    'fees_amount': "account_type = 'fees'",
    'clearing_amount': "account_type = 'clearing'",
    'reserves_amount': "account_type = 'reserve'",
    'other_amount': "account_type not in ('bank', 'fees', 'clearing', 'reserve')",
} %}

with documents as (
    select
        xref.shop,
        xref.payout_id,
        entries.erp,
        entries.document_id,
        entries.document_type,
        entries.document_number,
        {% for name, condition in kinds.items() -%}
        sum(case when {{ condition }} then entries.debit_amount - entries.credit_amount else 0 end) as {{ name }},
        {% endfor -%}
        min(entries.posting_date) as posting_date,
        min(entries.created_at) as created_at
    from {{ ref('int_xref__payouts') }} as xref
    inner join {{ ref('stg_erp__gl_entries') }} as entries
        on xref.connection = entries.erp and xref.external_id = entries.document_id
    where xref.system = 'ledger' and entries.is_posted
    group by
        xref.shop, xref.payout_id, entries.erp, entries.document_id, entries.document_type, entries.document_number
),

ranked as (
    select
        *,
        row_number() over (
            partition by shop, payout_id, document_type
            order by created_at, document_id
        ) as place
    from documents
),

final as (
    select
        shop,
        payout_id,
        min(erp) as erp,
        count(*) as documents_count,
        min(case when place = 1 then document_number end) as document_number,
        {% for name in kinds -%}
        {{ money('sum(case when place = 1 then ' ~ name ~ ' else 0 end)') }} as {{ name }},
        {% endfor -%}
        min(posting_date) as posting_date,
        min(created_at) as booked_at
    from ranked
    group by shop, payout_id
)

select * from final
