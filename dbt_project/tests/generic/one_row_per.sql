{% test one_row_per(model, columns) %}
-- Fails if two rows of the model share its grain.
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
