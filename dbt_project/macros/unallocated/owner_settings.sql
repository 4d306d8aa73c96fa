{# What a provider offers to say on its bill whose use it is. `place` is where the bill has it: the columns
   sub_account and credential_id, to whose values credentials.csv gives owners; raw_row, where one of `marks`
   tells that a row has it (no owner is read from there); or log, where it stands on no bill at all. What is said
   with a call (`is_of_calls`) is on no line for storage or training. Of a provider that is not here (`*`)
   only what its bill says is known. Documented by the providers; Bedrock's request metadata is in invocation logs alone. #}
{% macro owner_settings() -%}
    {%- set one_each = 'one for each team' -%}
    {{ return([
        {'provider': 'openai', 'setting': 'project', 'place': 'sub_account', 'to_do': one_each ~ ', and pull costs by project_id'},
        {'provider': 'openai', 'setting': 'api_key', 'is_of_calls': true, 'place': 'credential_id', 'to_do': one_each ~ ', and pull costs by api_key_id'},
        {'provider': 'anthropic', 'setting': 'workspace', 'place': 'sub_account', 'to_do': one_each ~ ', and pull costs by workspace_id'},
        {'provider': 'anthropic', 'setting': 'api_key', 'is_of_calls': true, 'place': 'credential_id', 'to_do': one_each ~ ', and pull analytics/cost by api_key_id'},
        {'provider': 'aws', 'setting': 'linked_account', 'place': 'sub_account', 'to_do': one_each},
        {'provider': 'aws', 'setting': 'iam_principal', 'is_of_calls': true, 'place': 'credential_id', 'to_do': 'a role or session name for each team, and IAM principals in the export (aws_cur)'},
        {'provider': 'aws', 'setting': 'session_tag', 'is_of_calls': true, 'place': 'raw_row', 'marks': ['iamprincipal/'], 'to_do': 'tag sessions with the team and activate the tag for cost allocation'},
        {'provider': 'aws', 'setting': 'inference_profile', 'is_of_calls': true, 'place': 'raw_row', 'marks': [':application-inference-profile/'], 'to_do': 'an application inference profile for each team, and resource ids in the export'},
        {'provider': 'aws', 'setting': 'request_metadata', 'is_of_calls': true, 'place': 'log', 'to_do': 'it is in invocation logs, on no bill'},
        {'provider': 'azure', 'setting': 'subscription', 'place': 'sub_account', 'to_do': one_each},
        {'provider': 'azure', 'setting': 'tag', 'place': 'raw_row', 'marks': team_keys(), 'to_do': 'a resource for each team, tagged with it'},
        {'provider': 'google', 'setting': 'project', 'place': 'sub_account', 'to_do': one_each},
        {'provider': 'google', 'setting': 'label', 'is_of_calls': true, 'place': 'raw_row', 'marks': team_keys(), 'to_do': 'label requests with the team'},
        {'provider': 'openrouter', 'setting': 'workspace', 'place': 'sub_account', 'to_do': one_each},
        {'provider': 'openrouter', 'setting': 'api_key', 'is_of_calls': true, 'place': 'credential_id', 'to_do': one_each},
        {'provider': 'mistral', 'setting': 'workspace', 'place': 'sub_account', 'to_do': one_each},
        {'provider': 'fireworks', 'setting': 'api_key', 'is_of_calls': true, 'place': 'credential_id', 'to_do': one_each},
        {'provider': '*', 'setting': 'account_below', 'place': 'sub_account', 'to_do': one_each},
        {'provider': '*', 'setting': 'api_key', 'is_of_calls': true, 'place': 'credential_id', 'to_do': one_each},
    ]) }}
{%- endmacro %}

{# The providers of which it is known what they offer. #}
{% macro settled_providers() -%}
    {{ return(owner_settings() | map(attribute='provider') | reject('equalto', '*') | unique | list) }}
{%- endmacro %}

{# How JSON has a key by which `attribution` tells a team, its quotes escaped or not: `"team"`, `"team\"`. #}
{% macro team_keys() -%}
    {%- set found = [] -%}
    {%- for place in var('attribution')['team'] if told_path(place) -%}
        {%- for end in ['"', '\\"'] -%}
            {%- set mark = '"' ~ told_path(place)[1] ~ end -%}
            {%- if mark not in found %}{% do found.append(mark) %}{% endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# True where a bill's row says one of these. #}
{% macro row_says(raw_row, marks) -%}
    {%- for mark in marks %}
    {{ 'or ' if not loop.first }}instr(lower({{ raw_row }}), '{{ mark | replace("'", "''") }}') > 0
    {%- endfor %}
{%- endmacro %}
