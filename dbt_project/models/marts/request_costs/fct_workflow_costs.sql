{{ config(materialized='view') }}
-- One row per cell x workflow: its requests' shares of the cell's money. Rows of a cell sum to it.
{{ costs_by_request_field('workflow') }}
