{#-
    Documents of the ledger of which something may have to be said. What a row tells by itself costs little; whether a
    document balances only all its rows together can tell. Journals and deposits are compared with other records.
-#}
{% macro conspicuous_documents() -%}
    select
        erp,
        document_id
    from {{ ref('stg_erp__gl_entries') }}
    where
        not is_posted or is_manual or document_type in ('journal', 'deposit')
        or coalesce({{ text('posting_date') }} not like period || '-%', true)
    union distinct
    select
        erp,
        document_id
    from {{ ref('stg_erp__gl_entries') }}
    group by erp, document_id
    having sum(debit_amount) != sum(credit_amount)
{%- endmacro %}
