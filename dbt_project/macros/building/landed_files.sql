{# As a pre-hook: `landing.<view>` is of the files that `files` selects, and of no other, so that none but these
   is opened: a view on all that landed reads the end of every file before it reads a row. Another engine is
   given the view by whoever starts it. `of`: `context_` for those of request_context. #}
{% macro open_landed_files(view, files, of='') -%}
    {{ adapter.dispatch('open_landed_files')(view, files, of) }}
{%- endmacro %}

{% macro default__open_landed_files(view, files, of) -%}
{%- endmacro %}
