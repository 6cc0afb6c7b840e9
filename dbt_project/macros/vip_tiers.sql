{#- The highest VIP tier whose thresholds are met, as a rank: 0 none, 1 the lowest tier. `share` scales the net sales. -#}
{% macro vip_tier_rank(net_sales, tenure_days, share=1) -%}
    case
        {%- for tier in var('vip_tiers') %}
        when
            {{ net_sales }} >= {{ (tier.net_sales * share) | round(4) }}
            and {{ tenure_days }} >= {{ tier.tenure_days }} then {{ loop.revindex }}
        {%- endfor %}
        else 0
    end
{%- endmacro %}

{#- The name of a rank. -#}
{% macro vip_tier_name(rank) -%}
    case {{ rank }}
        {%- for tier in var('vip_tiers') %}
        when {{ loop.revindex }} then '{{ tier.tier }}'
        {%- endfor %}
        else 'none'
    end
{%- endmacro %}
