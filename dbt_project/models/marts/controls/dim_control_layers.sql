{{ config(materialized='view') }}
-- One row per layer of control: where a limit can stand, and how long it takes to hold.
select
    cast(layer as integer) as control_layer,
    layer_name,
    latency,
    holds
from (
    values
    (1, 'application and user', 'instant', 'an allowance that the application looks up before each call'),
    (2, 'key', 'real time', 'a budget of the gateway''s key or team, or of the provider''s key'),
    (3, 'workspace or project', 'real time', 'a spend limit of the provider''s project or workspace'),
    (4, 'cloud alert', 'minutes', 'an alert or limit of the whole account'),
    (5, 'invoice review', '30 days', 'a person, once the bill is there')
) as layers (layer, layer_name, latency, holds)
