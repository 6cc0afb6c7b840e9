{#-
    Fifths of a shop's customers by one value, 1 the lowest: four borders of which each is the highest value of the
    fifths up to it, so that whoever is above it belongs higher. Equal values share a fifth, the lowest of their ranks,
    and the borders are exact: they are counted, not interpolated.
-#}
{% macro borders_of_fifths(value, name) -%}
    {%- for fifth in [1, 2, 3, 4] %}
        min(case when 5 * counted >= {{ fifth }} * customers then {{ value }} end) as {{ name }}_border_{{ fifth }}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Whether one of the borders lies within rows that are counted together. -#}
{% macro holds_a_border() -%}
    (
        {%- for fifth in [1, 2, 3, 4] %}
        (5 * counted_before < {{ fifth }} * customers and 5 * counted >= {{ fifth }} * customers)
        {{- ' or' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{#- The fifth that a value falls into, by the borders in `rows`. -#}
{% macro fifth_of(value, rows, name) -%}
    cast(
        case
            {%- for fifth in [4, 3, 2, 1] %}
            when {{ value }} > {{ rows }}.{{ name }}_border_{{ fifth }} then {{ fifth + 1 }}
            {%- endfor %}
            else 1
        end as bigint
    )
{%- endmacro %}
