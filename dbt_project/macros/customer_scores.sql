{#- Why a customer model has no answer for a customer, or null if it has one. `usable`: what its parameters must meet. -#}
{% macro missing_score_reason(model, as_of_date, usable='true') -%}
    case
        when {{ model }}.status is null then 'not_fitted'
        when {{ model }}.status != 'fitted' then {{ model }}.status
        when {{ model }}.as_of_date != {{ as_of_date }} then 'fitted_on_another_day'
        when not ({{ usable }}) then 'parameters_unusable'
    end
{%- endmacro %}

{#-
    Expected mean value of a customer's future purchases under Gamma-Gamma: a weighted mean of what the customer spent
    and what customers spend. Fader, Hardie (2013), brucehardie.com/notes/025, equation (5). Needs q > 1. The model knows
    positive values only: whose returns outweigh their purchases spent nothing, as far as it is concerned.
-#}
{% macro expected_average_value(frequency, monetary_value, model) -%}
    {{ model }}.p * ({{ model }}.v + {{ frequency }} * greatest({{ monetary_value }}, 0))
    / nullif({{ model }}.p * {{ frequency }} + {{ model }}.q - 1, 0)
{%- endmacro %}

{#- Churn band of a row with score_reason, p_alive, frequency and age_days; thresholds are vars. -#}
{% macro churn_band() -%}
    case
        when score_reason is not null then 'unknown'
        {%- for band, days in var('churn_one_time_days').items() %}
        when frequency = 0 and age_days <= {{ days }} then '{{ band }}'
        {%- endfor %}
        when frequency = 0 then 'lapsed'
        {%- for band, p_alive in var('churn_p_alive').items() %}
        when p_alive >= {{ p_alive }} then '{{ band }}'
        {%- endfor %}
        else 'lapsed'
    end
{%- endmacro %}
