{#- The columns form a key: none is null, no combination comes twice. -#}
{% test unique_combination(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {% for column in columns -%}
    or {{ column }} is null
    {% endfor %}

{% endtest %}


{#- A statement holds for every row; rows for which it is null pass, as in a check constraint. -#}
{% test expression_is_true(model, expression, column_name=none) %}

select *
from {{ model }}
where not ({{ column_name or '' }} {{ expression }})

{% endtest %}


{#- A number is zero or more wherever it is known. -#}
{% test not_negative(model, column_name) %}

select {{ column_name }}
from {{ model }}
where {{ column_name }} < 0

{% endtest %}


{#- Every row points to a row of another model; null points nowhere and passes. -#}
{% test refers_to(model, to, columns) %}

select {% for column in columns %}source_rows.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
from {{ model }} as source_rows
where
    not exists (
        select 1
        from {{ to }} as target_rows
        where
            {% for column in columns -%}
            target_rows.{{ column }} = source_rows.{{ column }} {{ 'and' if not loop.last }}
            {% endfor %}
    )
    {% for column in columns -%}
    and source_rows.{{ column }} is not null
    {% endfor %}

{% endtest %}
