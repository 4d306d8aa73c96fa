{{ config(materialized='view') }}
-- One row per cell x session: its requests' shares of the cell's money. Rows of a cell sum to it.
{{ costs_by_request_field('session_id') }}
