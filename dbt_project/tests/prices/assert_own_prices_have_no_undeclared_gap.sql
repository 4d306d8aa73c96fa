-- Fails if prices.csv leaves a time without a price between two of its lines for one key: fill it, or
-- declare it by a line with an empty unit_price_per_million. Holes of public books do not fail: what
-- was used there is in mart_unpriced_usage.
select *
from {{ ref('int_price_gaps') }}
where source_before = 'prices.csv' and source_after = 'prices.csv'
