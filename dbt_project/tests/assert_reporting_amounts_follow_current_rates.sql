-- A currency whose facts were converted at other rates, or into another currency, than now: rates or the reporting
-- currency changed after they were built. Rebuild them with --full-refresh.
with converted as (
    select distinct
        currency,
        sale_date,
        reporting_currency,
        exchange_rate
    from {{ ref('fct_sales') }}
)

select
    converted.currency,
    converted.reporting_currency,
    count(*) as days_count
from converted
left join {{ ref('int_exchange_rates__daily') }} as rates
    on converted.currency = rates.currency and converted.sale_date = rates.rate_date
where
    converted.exchange_rate is distinct from rates.exchange_rate
    or converted.reporting_currency != {{ reporting_currency() }}
group by converted.currency, converted.reporting_currency
