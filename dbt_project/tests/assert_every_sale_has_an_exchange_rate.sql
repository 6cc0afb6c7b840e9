-- A currency and month without a rate into the reporting currency: its reporting amounts are null. Add rates to the
-- seed exchange_rates, then rebuild the facts with --full-refresh.
{{ config(severity='warn') }}

select
    currency,
    {{ month_start('sale_date') }} as sale_month,
    count(*) as sales_count
from {{ ref('fct_sales') }}
where exchange_rate is null
group by currency, {{ month_start('sale_date') }}
