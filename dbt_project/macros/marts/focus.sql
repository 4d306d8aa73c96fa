{# Words of FOCUS for what Tollbook calls by its own names; tests hold that format `focus` reads them back. #}

{# Who provides, publishes and invoices, what they call their service and the accounts that it is billed to. #}
{% macro focus_names() -%}
    {{ return({
        'openai': ['OpenAI', 'OpenAI API', 'Organization', 'Project'],
        'anthropic': ['Anthropic', 'Claude API', 'Organization', 'Workspace'],
        'aws': ['AWS', 'Amazon Bedrock', 'Billing Account', 'Account'],
        'azure': ['Microsoft', 'Azure OpenAI', 'Billing Account', 'Subscription'],
        'google': ['Google Cloud', 'Vertex AI', 'Billing Account', 'Project'],
        'openrouter': ['OpenRouter', 'OpenRouter API', 'Account', 'Workspace'],
        'mistral': ['Mistral AI', 'Mistral API', 'Organization', 'Workspace'],
        'cohere': ['Cohere', 'Cohere API', 'Organization', 'Project'],
        'xai': ['xAI', 'xAI API', 'Team', 'Project'],
        'groq': ['Groq', 'Groq API', 'Organization', 'Project'],
        'deepseek': ['DeepSeek', 'DeepSeek API', 'Account', 'Project'],
        'together_ai': ['Together AI', 'Together AI API', 'Account', 'Project'],
        'fireworks_ai': ['Fireworks AI', 'Fireworks AI API', 'Account', 'Project'],
        'perplexity': ['Perplexity', 'Perplexity API', 'Account', 'Project'],
        'databricks': ['Databricks', 'Mosaic AI Model Serving', 'Account', 'Workspace'],
        'snowflake': ['Snowflake', 'Snowflake Cortex', 'Organization', 'Account'],
        'oracle': ['Oracle', 'OCI Generative AI', 'Tenancy', 'Compartment'],
        'github': ['GitHub', 'GitHub Copilot', 'Organization', 'Project'],
        'cursor': ['Cursor', 'Cursor', 'Team', 'Project'],
        'own': ['own', 'Own models', 'Account', 'Project'],
    }) }}
{%- endmacro %}

{# `place` of a provider's focus_names; of one that nobody knows `other`. #}
{% macro focus_name(provider, place, other) -%}
    case {{ provider }}
        {%- for known, names in focus_names().items() %}
        when '{{ known }}' then '{{ names[place] }}'
        {%- endfor %}
        else {{ other }}
    end
{%- endmacro %}

{# What is metered: of tokens with the direction, what a cache does, how long it keeps, and the modality. #}
{% macro focus_meters() -%}
    {{ return({
        'input': ['Input Tokens', 'Input', none, none, none],
        'cache_read': ['Cache Read Input Tokens', 'Input', 'Read', none, none],
        'cache_write_5m': ['Cache Write Input Tokens', 'Input', 'Write', '5m', none],
        'cache_write_1h': ['1h Cache Write Input Tokens', 'Input', 'Write', '1h', none],
        'output': ['Output Tokens', 'Output', none, none, none],
        'audio_input': ['Audio Input Tokens', 'Input', none, none, 'audio'],
        'audio_output': ['Audio Output Tokens', 'Output', none, none, 'audio'],
        'image_input': ['Image Input Tokens', 'Input', none, none, 'image'],
        'image_output': ['Image Output Tokens', 'Output', none, none, 'image'],
    }) }}
{%- endmacro %}

{# `place` of a meter's focus_meters, NULL where there is none. #}
{% macro focus_meter(meter, place) -%}
    case {{ meter }}
        {%- for known, said in focus_meters().items() if said[place] %}
        when '{{ known }}' then '{{ said[place] }}'
        {%- endfor %}
    end
{%- endmacro %}

{# A unit as FOCUS writes it: plural, each word with a capital. #}
{% macro focus_unit(unit) -%}
    case {{ unit }}
        when 'gibibyte_hours' then 'GiB-Hours'
        when 'search' then 'Searches'
        else upper({{ unit }}[1]) || replace({{ unit }}[2:], '_', ' ')
            || case when {{ unit }} like '%s' then '' else 's' end
    end
{%- endmacro %}
