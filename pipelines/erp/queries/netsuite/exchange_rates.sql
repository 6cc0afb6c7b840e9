-- What one unit of a currency is worth in the base currency, by day.
-- cursor: r.lastmodifieddate, r.id
select
    f.symbol as from_currency,
    b.symbol as to_currency,
    to_char(r.effectivedate, 'YYYY-MM-DD') as rate_date,
    r.exchangerate as rate /* , cursor */
from currencyrate r
inner join currency f on f.id = r.transactioncurrency
inner join currency b on b.id = r.basecurrency
where r.exchangerate is not null /* and window */
