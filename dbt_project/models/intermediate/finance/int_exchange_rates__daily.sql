-- Rates into the reporting currency, spread over days: on a day without a rate the latest earlier one holds.
with rates as (
    select
        from_currency,
        rate_date as valid_from,
        lead(rate_date) over (partition by from_currency order by rate_date) as valid_until,
        rate
    from {{ ref('exchange_rates') }}
    where to_currency = {{ reporting_currency() }} and from_currency != {{ reporting_currency() }}
),

days as (
    {{ days_from_until(var('exchange_rates_from'), var('exchange_rates_until')) }}
),

calendar as (
    select date_day as rate_date from days
),

foreign_currencies as (
    select
        rates.from_currency as currency,
        calendar.rate_date,
        rates.rate as exchange_rate
    from calendar
    inner join rates
        on
            calendar.rate_date >= rates.valid_from
            and (rates.valid_until is null or calendar.rate_date < rates.valid_until)
),

reporting_currency as (
    select
        {{ reporting_currency() }} as currency,
        rate_date,
        {{ decimal('1', 18, 8) }} as exchange_rate
    from calendar
),

unioned as (
    select * from foreign_currencies
    union all
    select * from reporting_currency
)

select * from unioned
