-- Fails if the token meters of a request do not sum to the provider's own total.
select
    request_key,
    provider_total_tokens
from {{ ref('int_requests') }}
where
    provider_total_tokens
    <> coalesce(input_quantity, 0)
    + coalesce(cache_read_quantity, 0)
    + coalesce(cache_write_5m_quantity, 0)
    + coalesce(cache_write_1h_quantity, 0)
    + coalesce(output_quantity, 0)
    + coalesce(audio_input_quantity, 0)
    + coalesce(audio_output_quantity, 0)
    + coalesce(image_input_quantity, 0)
    + coalesce(image_output_quantity, 0)
