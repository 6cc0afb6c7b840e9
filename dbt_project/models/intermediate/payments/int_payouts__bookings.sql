-- Where each payout is found in the ledger and on the bank's statement: by its id, else by the trace id that the bank
-- prints. Of documents of one kind that name the same payout the first one speaks; how many there are is kept.
with payout_keys as (
    select
        shop,
        payout_id,
        {{ text('payout_id') }} as payout_key,
        1 as match_rank
    from {{ ref('stg_shopify__payouts') }}
    union all
    select
        shop,
        payout_id,
        upper(trim(external_trace_id)) as payout_key,
        2 as match_rank
    from {{ ref('stg_shopify__payouts') }}
    where external_trace_id is not null
),

entries as (
    select
        erp,
        document_id,
        document_type,
        document_number,
        {{ reference('reference', 'ShopifyPaymentsPayout') }} as payout_key,
        min(posting_date) as posting_date,
        min(created_at) as created_at,
        sum(case when account_type = 'bank' then debit_amount - credit_amount else 0 end) as bank_amount,
        sum(case when account_type = 'fees' then debit_amount - credit_amount else 0 end) as fees_amount,
        sum(case when account_type = 'clearing' then debit_amount - credit_amount else 0 end) as clearing_amount,
        sum(case when account_type = 'reserve' then debit_amount - credit_amount else 0 end) as reserves_amount,
        sum(case when account_type = 'chargeback' then debit_amount - credit_amount else 0 end) as chargebacks_amount,
        sum(
            case
                when account_type not in ('bank', 'fees', 'clearing', 'reserve', 'chargeback')
                    then debit_amount - credit_amount
                else 0
            end
        ) as other_amount
    from {{ ref('stg_erp__gl_entries') }}
    where is_posted and reference is not null
    group by erp, document_id, document_type, document_number, {{ reference('reference', 'ShopifyPaymentsPayout') }}
),

documents as (
    select
        payout_keys.shop,
        payout_keys.payout_id,
        payout_keys.match_rank,
        entries.*,
        row_number() over (
            partition by payout_keys.shop, payout_keys.payout_id, entries.document_type
            order by entries.created_at, entries.document_id
        ) as place
    from payout_keys
    inner join entries on payout_keys.payout_key = entries.payout_key
),

booked as (
    select
        shop,
        payout_id,
        min(erp) as erp,
        min(match_rank) as match_rank,
        count(*) as documents_count,
        min(document_number) as document_number,
        min(posting_date) as posting_date,
        min(created_at) as booked_at,
        sum(case when place = 1 then bank_amount else 0 end) as bank_amount,
        sum(case when place = 1 then fees_amount else 0 end) as fees_amount,
        sum(case when place = 1 then clearing_amount else 0 end) as clearing_amount,
        sum(case when place = 1 then reserves_amount else 0 end) as reserves_amount,
        sum(case when place = 1 then chargebacks_amount else 0 end) as chargebacks_amount,
        sum(case when place = 1 then other_amount else 0 end) as other_amount
    from documents
    group by shop, payout_id
),

statement_lines as (
    select
        payout_keys.shop,
        payout_keys.payout_id,
        min(lines.erp) as erp,
        min(payout_keys.match_rank) as match_rank,
        count(*) as lines_count,
        min(lines.value_date) as value_date,
        min(lines.bank_line_id) as bank_line_id,
        sum(lines.amount) as amount
    from payout_keys
    inner join {{ ref('stg_erp__bank_lines') }} as lines
        on payout_keys.payout_key = {{ reference('lines.reference', 'ShopifyPaymentsPayout') }}
    group by payout_keys.shop, payout_keys.payout_id
),

final as (
    select
        coalesce(booked.shop, statement_lines.shop) as shop,
        coalesce(booked.payout_id, statement_lines.payout_id) as payout_id,
        coalesce(booked.erp, statement_lines.erp) as erp,
        case
            when booked.match_rank = 1 or statement_lines.match_rank = 1 then 'id'
            else 'trace_id'
        end as match_method,
        coalesce(booked.documents_count, 0) as ledger_documents_count,
        booked.document_number as ledger_document_number,
        booked.posting_date as ledger_date,
        booked.booked_at,
        {{ money('booked.bank_amount') }} as ledger_bank_amount,
        {{ money('booked.fees_amount') }} as ledger_fees_amount,
        {{ money('booked.clearing_amount') }} as ledger_clearing_amount,
        {{ money('booked.reserves_amount') }} as ledger_reserves_amount,
        {{ money('booked.chargebacks_amount') }} as ledger_chargebacks_amount,
        {{ money('booked.other_amount') }} as ledger_other_amount,
        coalesce(statement_lines.lines_count, 0) as bank_lines_count,
        statement_lines.bank_line_id,
        statement_lines.value_date as bank_date,
        {{ money('statement_lines.amount') }} as bank_amount
    from booked
    full outer join statement_lines
        on booked.shop = statement_lines.shop and booked.payout_id = statement_lines.payout_id
)

select * from final
