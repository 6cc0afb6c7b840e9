-- Documents of the general ledger that can not be right by themselves, or repeat one another.
-- Most documents are in order: what is to be said of the others is looked at only there.
with looked_at as (
    {{ conspicuous_documents() }}
),

entries as (
    select postings.*
    from {{ ref('stg_erp__gl_entries') }} as postings
    inner join looked_at on postings.erp = looked_at.erp and postings.document_id = looked_at.document_id
),

subsidiaries as (
    select
        erp,
        currency,
        min(shop) as shop
    from {{ ref('int_xref__locations') }}
    group by erp, currency
),

documents as (
    select
        entries.erp,
        entries.document_id,
        max(entries.document_type) as document_type,
        max(entries.document_number) as document_number,
        max(entries.currency) as currency,
        min(entries.created_at) as created_at,
        max(entries.period) as period,
        max({{ text('entries.posting_date') }}) as posting_date,
        max(entries.reference) as reference,
        sum(entries.debit_amount) as debit_amount,
        sum(entries.credit_amount) as credit_amount,
        max(case when entries.is_posted then 0 else 1 end) as is_unposted,
        max(
            case
                when
                    entries.is_manual
                    and entries.account_type in (
                        'clearing', 'receivable', 'inventory', 'gift_card_liability', 'deferred_revenue', 'cogs'
                    )
                    then 1
                else 0
            end
        ) as is_manual_on_system_account,
        sum(case when entries.account_type = 'clearing' then entries.debit_amount - entries.credit_amount else 0 end)
            as clearing_amount
    from entries
    group by entries.erp, entries.document_id
),

-- What the shop's payments know a sum by.
known_references as (
    select {{ text('payout_id') }} as reference from {{ ref('stg_shopify__payouts') }}
    union distinct
    select {{ text('transaction_id') }} as reference from {{ ref('stg_shopify__order_transactions') }}
    union distinct
    select {{ text('refund_id') }} as reference from {{ ref('stg_shopify__refunds') }}
    union distinct
    select {{ text('dispute_id') }} as reference from {{ ref('stg_shopify__disputes') }}
),

named as (
    select
        documents.*,
        coalesce(subsidiaries.shop, documents.erp) as shop,
        row_number() over (
            partition by documents.erp, documents.document_type, documents.reference
            order by documents.created_at, documents.document_id
        ) as place
    from documents
    left join subsidiaries on documents.erp = subsidiaries.erp and documents.currency = subsidiaries.currency
),

{{ one_a_key(
    'stray', 'named', "document_type = 'journal' and clearing_amount != 0 and is_manual_on_system_account = 0 and not exists "
    ~ "(select 1 from known_references where known_references.reference = named.reference)", 'created_at', 'document_number'
) }},

{{ one_a_key(
    'unbalanced', 'named', 'debit_amount != credit_amount or is_unposted = 1', 'created_at', 'document_number'
) }},

{{ one_a_key('misdated', 'named', "posting_date not like period || '-%'", 'created_at', 'document_number') }},

{{ one_a_key(
    'repeated', 'named', "document_type = 'deposit' and reference is not null and place > 1", 'created_at',
    'document_number'
) }},

{{ one_a_key('by_hand', 'named', 'is_manual_on_system_account = 1', 'created_at', 'document_number') }},

{% set codes = {
    'GL-01': ['stray', 'clearing_amount'], 'GL-02': ['unbalanced', 'debit_amount - credit_amount'],
    'GL-03': ['misdated', 'debit_amount'], 'GL-04': ['repeated', 'debit_amount'],
    'GL-05': ['by_hand', 'debit_amount']
} %}
{% for code, found in codes.items() -%}
found_{{ loop.index }} as (
    {{ break_candidate(
        code, 'gl_document', 'document_number', 'created_at', order_id=none, actual=found[1],
        delta=found[1], money='abs(' ~ found[1] ~ ')',
        evidence={'document_id': 'document_id', 'reference': 'reference', 'period': 'period'}
    ) }}
    from {{ found[0] }}
){{ ',' if not loop.last }}

{% endfor %}
{% for code in codes %}
select * from found_{{ loop.index }}
{{ 'union all' if not loop.last }}
{% endfor %}
