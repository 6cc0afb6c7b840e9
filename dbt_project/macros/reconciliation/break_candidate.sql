{#-
    The select list of a disagreement, the same for all codes, so that they can be laid one below the other. What it says:
    at `object_key` two systems differ since `since`. Whether that is early, explained or a break is decided by fct_breaks,
    with the window of the code: no candidate looks at a clock.

    Arguments are SQL; `evidence` names ids ({'sales_order_id': 'orders.sales_order_id'}) and becomes a JSON text.
    `erp` and `partner` are the connections that the candidate rests on, as the code's feeds (seed break_feeds) need them.
    `explained_by` is the TIM code that makes it no error.
-#}
{% macro break_candidate(
    code, object_type, object_key, since, shop='shop', order_id='order_id', erp='erp', partner=none, expected=none,
    actual=none, delta=none, currency='currency', money=none, explained_by=none, evidence={}
) -%}
    select
        {{ text("'" ~ code ~ "'") }} as code,
        {{ shop }} as shop,
        {{ text("'" ~ object_type ~ "'") }} as object_type,
        {{ text(object_key) }} as object_key,
        cast({{ order_id or 'null' }} as bigint) as order_id,
        {{ text(erp or 'null') }} as erp,
        {{ text(partner or 'null') }} as partner,
        {{ text(expected or 'null') }} as expected,
        {{ text(actual or 'null') }} as actual,
        {{ money_or_null(delta) }} as delta,
        {{ text(currency or 'null') }} as currency,
        {{ money_or_null(money) }} as money_at_risk_amount,
        {{ since }} as since,
        {{ text(explained_by or 'null') }} as explained_by,
        {{ evidence_of(evidence) }} as evidence
{%- endmacro %}

{% macro money_or_null(amount) -%}
    {{ money(amount or 'null') }}
{%- endmacro %}

{#- Ids as a JSON object of texts; what is unknown is an empty text. -#}
{% macro evidence_of(ids) -%}
    {%- if not ids -%}
    {{ text("'{}'") }}
    {%- else -%}
    '{'
    {%- for name, expression in ids.items() %}
    || '"{{ name }}": "' || coalesce({{ text(expression) }}, '') || '"{{ ', ' if not loop.last }}'
    {%- endfor %}
    || '}'
    {%- endif -%}
{%- endmacro %}

{#- The columns of a candidate, in their order. -#}
{% macro candidate_columns() -%}
    {{ return([
        'code', 'shop', 'object_type', 'object_key', 'order_id', 'erp', 'partner', 'expected', 'actual', 'delta',
        'currency', 'money_at_risk_amount', 'since', 'explained_by', 'evidence',
    ]) }}
{%- endmacro %}
