{% test key(model, column_name) %}
-- Fails if the column is NULL or two rows of the model have the same.
select {{ column_name }}
from {{ model }}
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null
{% endtest %}
