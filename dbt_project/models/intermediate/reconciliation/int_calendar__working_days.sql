-- Each day of each shop, ERP and partner: whether it works on that day, and how many working days came before.
with connections as (
    select distinct connection from {{ ref('int_feeds__as_of') }}
),

days as (
    {{ days_from_until(var('working_days_from'), var('working_days_until')) }}
),

days_off as (
    select distinct
        connections.connection,
        holidays.holiday_date
    from connections
    inner join {{ ref('holidays') }} as holidays
        on holidays.connection is null or connections.connection = holidays.connection
),

-- 2001-01-01 was a Monday.
counted as (
    select
        date_day,
        {{ days_between("cast('2001-01-01' as date)", 'date_day') }} as days_since
    from days
),

marked as (
    select
        connections.connection,
        counted.date_day,
        counted.days_since - 7 * floor(counted.days_since / 7) < 5 and days_off.holiday_date is null as is_working
    from connections
    cross join counted
    left join days_off on connections.connection = days_off.connection and counted.date_day = days_off.holiday_date
),

final as (
    select
        connection,
        date_day,
        is_working,
        coalesce(
            sum(case when is_working then 1 else 0 end) over (
                partition by connection
                order by date_day
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as working_days_before
    from marked
)

select * from final
