{{ config(materialized='view') }}
-- One row per cell x customer: its requests' shares of the cell's money. Rows of a cell sum to it.
-- Customers that a glob of customers.csv names are one, called as there.
{{ costs_by_request_field('customer', 'customer_id') }}
