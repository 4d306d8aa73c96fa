{{ config(materialized='view') }}
-- One row per charge x owner x credential, model, meter, tier, day and way of matching, under the columns of FOCUS
-- 1.2: charges are replaced by what they were split into, hours of a day in one row, with the owner in Tags. Of a payment for a
-- commitment there are two: what was invoiced (Purchase, no effective cost), and the use that it pays for (Usage,
-- nothing billed). BilledCost of an account and month sums to its charges in the bill's currency: the invoice, where it
-- is tied. What is estimated is no charge.
{{ focus_rows(ref('fct_cost_allocations')) }}
