{#-
    Facts about orders are rebuilt order by order: the orders that changed since the last run are collected once, their
    rows are deleted, and the model's query, held to the same orders, appends what is true now. So a line that left an
    order, an order deleted at the source and a sale moved to another day leave no trace behind.

    An order changed if any raw row it is made of was extracted after the model's own high-water mark. Marks are kept
    as columns of the fact, one for each extracted entity and read for each shop, because entities and shops are
    extracted apart: a mark common to them would skip whatever arrives late. Beside them the fact keeps the time zone
    that its business days were counted in: all orders of a shop that moved to another one have changed.

    Used as `pre_hook=changed_orders_hooks({'<mark column>': ['<staging model>', ...]})`; with `day`, the days of their
    rows are noted before they are deleted (changed_days.sql). Hooks run in the model's
    transaction; where a warehouse has none, an interrupted run leaves orders out whose raw rows are still above the
    mark, so the next run puts them back.
-#}
{% macro changed_orders_hooks(marks, day=none) -%}
    {#- Hooks are rendered when they run; naming their models here makes them dependencies of the fact. -#}
    {%- for model_name in marks.values() | sum(start=[]) + ['stg_shopify__orders', 'stg_shopify__shops'] -%}
    {%- for needed in [model_name, parents_with_order().get(model_name, [model_name])[0]] -%}
    {%- do ref(needed) -%}
    {%- endfor -%}
    {%- endfor -%}
    {%- set hooks = ["{{ collect_changed_orders(" ~ (marks | tojson) ~ ") }}"] -%}
    {%- if day -%}
    {%- do hooks.append("{% if is_incremental() %}{{ note_changed_days('" ~ day ~ "') }}{% endif %}") -%}
    {%- endif -%}
    {{ return(hooks + ["{{ delete_changed_orders() }}"]) }}
{%- endmacro %}


{#- Rows without an order id of their own: the parent that has it, and the key they share. -#}
{% macro parents_with_order() -%}
    {{ return({
        'stg_shopify__sales': ['stg_shopify__sales_agreements', 'agreement_id'],
        'stg_shopify__refund_adjustments': ['stg_shopify__refunds', 'refund_id'],
        'stg_shopify__refund_shipping_lines': ['stg_shopify__refunds', 'refund_id'],
    }) }}
{%- endmacro %}


{% macro collect_changed_orders(marks) -%}
    {%- if is_incremental() %}
    {%- set shops = rows_of('select shop, iana_timezone as time_zone from ' ~ ref('stg_shopify__shops')) %}
    {%- set found = high_water_marks(marks.keys() | list) %}
    {%- set moved = shops_that_moved(shops) %}
    {{ create_scratch(changed_orders_table()) }}
    select distinct
        shop,
        order_id
    from (
    {%- for mark, models in marks.items() %}
    {%- for model_name in models %}
    {%- set parent = parents_with_order().get(model_name) %}
        select
            {{ 'parents' if parent else 'changed' }}.shop,
            {{ 'parents' if parent else 'changed' }}.order_id
        from {{ ref(model_name) }} as changed
        {%- if parent %}
        inner join {{ ref(parent[0]) }} as parents
            on changed.shop = parents.shop and changed.{{ parent[1] }} = parents.{{ parent[1] }}
        {%- endif %}
        where {{ is_above_mark('changed', found, mark, shops) }}
        union all
    {%- endfor %}
    {%- endfor %}
    {%- if moved %}
        select
            moved.shop,
            moved.order_id
        from {{ ref('stg_shopify__orders') }} as moved
        where moved.shop in ('{{ moved | join("', '") }}')
        union all
    {%- endif %}
        -- a sweep marks deletions without extracting the order again
        select
            deleted.shop,
            deleted.order_id
        from {{ ref('stg_shopify__orders') }} as deleted
        inner join {{ this }} as kept on deleted.shop = kept.shop and deleted.order_id = kept.order_id
        where deleted.is_deleted
    ) as changes
    {%- endif %}
{%- endmacro %}


{#- The fact's marks as rows (shop, mark, ...), marks as text: literals reach the scan of a raw table, joins do not. -#}
{% macro high_water_marks(columns) -%}
    {%- set query %}
    select
        shop
        {%- for column in columns %},
        {{ instant_as_text('max(' ~ column ~ ')') }} as {{ column }}
        {%- endfor %}
    from {{ this }}
    group by shop
    {%- endset %}
    {{ return(rows_of(query)) }}
{%- endmacro %}


{#-
    Whether a row was extracted after the mark of its shop; a known shop without a mark is all new. The oldest of the
    marks stands in front by itself: a scan passes over what was extracted before it, which it can not by the marks of
    each shop.
-#}
{% macro is_above_mark(rows, found, mark, shops) -%}
    {%- set marked = found | selectattr(mark) | list -%}
    {%- set new = shops | map(attribute='shop') | reject('in', marked | map(attribute='shop') | list) | list -%}
    {%- if not marked -%}
    true
    {%- else -%}
    (
            {{ rows }}.extracted_at > {{ as_instant(marked | map(attribute=mark) | min) }}
            and (
            {%- for row in marked %}
                ({{ rows }}.shop = '{{ row['shop'] }}' and {{ rows }}.extracted_at > {{ as_instant(row[mark]) }})
                {{- ' or' if not loop.last }}
            {%- endfor %}
            )
            {%- if new %}
            or {{ rows }}.shop in ('{{ new | join("', '") }}')
            {%- endif %}
        )
    {%- endif -%}
{%- endmacro %}


{#-
    Shops whose days were counted in another time zone in the fact than they have now. All orders of a shop are counted
    anew together when it moves, so any row of it tells.
-#}
{% macro shops_that_moved(shops) -%}
    {%- set query %}
    {%- for shop in shops %}
    select shop, time_zone
    from (select shop, time_zone from {{ this }} where shop = '{{ shop['shop'] }}' limit 1) as shop_{{ loop.index }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
    {%- endset -%}
    {%- set moved = [] -%}
    {%- for row in (rows_of(query) if shops else []) -%}
        {%- for shop in shops if shop['shop'] == row['shop'] and shop['time_zone'] != row['time_zone'] -%}
            {%- do moved.append(shop['shop']) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(moved) }}
{%- endmacro %}


{% macro delete_changed_orders() -%}
    {%- if is_incremental() %}
    delete from {{ this }}
    where exists (
        select 1
        from {{ changed_orders_table() }} as changed
        where changed.shop = {{ this.identifier }}.shop and changed.order_id = {{ this.identifier }}.order_id
    )
    {%- endif %}
{%- endmacro %}


{#-
    Whether a row belongs to a changed order; true for all on a full build. `rows` needs shop and order_id. A condition,
    not a join: the optimizer then keeps the plan it makes for a full build (DuckDB 2.0.0 took a chain of selective
    joins for a handful of rows, and failed on it from a million orders on).
-#}
{% macro is_of_changed_order(rows) -%}
    {%- if is_incremental() -%}
    exists (
        select 1
        from {{ changed_orders_table() }} as changed_orders
        where changed_orders.shop = {{ rows }}.shop and changed_orders.order_id = {{ rows }}.order_id
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}


{% macro changed_orders_table() -%}
    {{ return(scratch_relation('changed_orders')) }}
{%- endmacro %}
