{# Joins dim_teams as `teams`: the line of the team of `of` that is in force from `used_from` until `used_until`, an
   hour or a day; of two, the first. #}
{% macro join_teams(of) -%}
    left join teams
        on
            {{ of }}.team = teams.team_id
            and teams.valid_from < {{ of }}.used_until
            and {{ of }}.used_from < teams.valid_to
            and coalesce(teams.valid_to_before <= {{ of }}.used_from, true)
{%- endmacro %}
