-- Sales orders that come to something else than the order. Of one difference the narrowest name is told: the currency
-- before shipping, shipping before tax, tax before the total.
with tolerances as (
    select
        code,
        coalesce(tolerance_amount, 0) as tolerance_amount,
        coalesce(tolerance_share, 0) as tolerance_share
    from {{ ref('break_taxonomy') }}
),

rates as (
    select
        erp,
        from_currency,
        rate_date,
        max(rate) as rate
    from {{ ref('stg_erp__exchange_rates') }}
    group by erp, from_currency, rate_date
),

compared as (
    select
        amounts.*,
        rates.rate,
        amounts.rounding_units * total.tolerance_amount as total_tolerance,
        amounts.rounding_units * tax.tolerance_amount as tax_tolerance,
        (amounts.erp_currency = amounts.presentment_currency and amounts.erp_currency != amounts.currency)
        or coalesce(abs(amounts.erp_exchange_rate - rates.rate) > rates.rate * fx.tolerance_share, false)
            as is_in_another_currency,
        (amounts.shipping_amount > 0 and amounts.shipping_lines_count = 0)
        or (amounts.shipping_amount = 0 and amounts.erp_shipping_amount > 0)
        or (amounts.tip_amount > 0 and amounts.tip_lines_count = 0) as is_shipping_misplaced
    from {{ ref('int_reconciliation__amounts') }} as amounts
    inner join tolerances as total on total.code = 'AMT-01'
    inner join tolerances as tax on tax.code = 'AMT-02'
    inner join tolerances as fx on fx.code = 'AMT-05'
    left join rates
        on
            amounts.erp = rates.erp
            and amounts.erp_currency = rates.from_currency
            and amounts.erp_order_date = rates.rate_date
),

named as (
    select
        *,
        case
            when is_in_another_currency then 'AMT-05'
            when is_shipping_misplaced then 'AMT-04'
            when abs(tax_delta) > tax_tolerance and abs(total_delta - tax_delta) <= total_tolerance then 'AMT-02'
            when abs(total_delta) > total_tolerance then 'AMT-01'
        end as name
    from compared
),

of_total as (
    {{ break_candidate(
        'AMT-01', 'order', 'order_id', 'erp_created_at', expected='total_amount', actual='erp_total_amount',
        delta='total_delta', money='abs(total_delta)', evidence={'sales_order_id': 'sales_order_id'}
    ) }}
    from named
    where name = 'AMT-01'
),

of_tax as (
    {{ break_candidate(
        'AMT-02', 'order', 'order_id', 'erp_created_at', expected='tax_amount', actual='erp_tax_amount',
        delta='tax_delta', money='abs(tax_delta)', evidence={'sales_order_id': 'sales_order_id'}
    ) }}
    from named
    where name = 'AMT-02'
),

of_shipping as (
    {{ break_candidate(
        'AMT-04', 'order', 'order_id', 'erp_created_at', expected='shipping_amount', actual='erp_shipping_amount',
        delta='coalesce(erp_shipping_amount, 0) - shipping_amount', money='abs(shipping_amount)',
        evidence={'sales_order_id': 'sales_order_id'}
    ) }}
    from named
    where name = 'AMT-04'
),

of_currency as (
    {{ break_candidate(
        'AMT-05', 'order', 'order_id', 'erp_created_at', expected="currency || ' ' || " ~ text('coalesce(rate, 1)'),
        actual="erp_currency || ' ' || " ~ text('coalesce(erp_exchange_rate, 1)'), money='total_amount',
        evidence={'sales_order_id': 'sales_order_id'}
    ) }}
    from named
    where name = 'AMT-05'
)

{% for found in ['of_total', 'of_tax', 'of_shipping', 'of_currency'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
