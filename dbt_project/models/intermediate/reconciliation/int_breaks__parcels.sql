-- Parcels that are not what the shop says: other SKUs before other units, a kit's parts before both; from elsewhere,
-- twice, or late.
with shipments as (
    select
        shipments.*,
        orders.total_amount,
        orders.cancelled_at
    from {{ ref('int_reconciliation__shipments') }} as shipments
    inner join {{ ref('int_reconciliation__orders') }} as orders
        on shipments.shop = orders.shop and shipments.order_id = orders.order_id
    where shipments.is_shipped
),

different as (
    select
        partner,
        shipment_id,
        sum(shipped_units) as shipped_units,
        sum(fulfilled_units) as fulfilled_units,
        min(sku) as sku,
        max(case when is_kit or (is_of_kit and shipped_units = 0) then 1 else 0 end) as is_kit_incomplete,
        max(case when fulfilled_units = 0 and not is_kit then 1 else 0 end) as has_other_sku
    from {{ ref('int_reconciliation__shipment_units') }}
    where shipped_units != fulfilled_units
    group by partner, shipment_id
),

named as (
    select
        shipments.*,
        different.shipped_units,
        different.fulfilled_units,
        different.sku,
        {{ later('shipments.shipped_at', 'shipments.fulfilled_at') }} as seen_at,
        case
            when different.has_other_sku = 1 then 'FUL-05'
            when different.is_kit_incomplete = 1 then 'FUL-10'
            else 'FUL-04'
        end as name
    from shipments
    inner join different on shipments.partner = different.partner and shipments.shipment_id = different.shipment_id
),

-- A parcel that no fulfilment carries, after one that a fulfilment carries in full: the same goods again.
repeated as (
    select
        shipments.*,
        first_parcels.tracking_number as first_tracking_number
    from shipments
    inner join {{ ref('int_reconciliation__repeated_shipments') }} as first_parcels
        on shipments.partner = first_parcels.partner and shipments.shipment_id = first_parcels.shipment_id
),

{% for code in ['FUL-04', 'FUL-05', 'FUL-10'] %}
content_{{ loop.index }} as (
    {{ break_candidate(
        code, 'shipment', 'shipment_key', 'seen_at', partner='partner', expected='fulfilled_units',
        actual='shipped_units', delta='shipped_units - fulfilled_units', money='total_amount',
        evidence={'shipment_id': 'shipment_id', 'fulfillment_id': 'fulfillment_id', 'sku': 'sku'}
    ) }}
    from named
    where name = '{{ code }}'
),

{% endfor %}
from_elsewhere as (
    {{ break_candidate(
        'FUL-06', 'shipment', 'shipment_key', later('shipped_at', 'fulfilled_at'), partner='partner',
        expected='fulfilled_location_id', actual='location_id', money='null',
        evidence={'shipment_id': 'shipment_id', 'fulfillment_id': 'fulfillment_id'}
    ) }}
    from shipments
    where fulfillment_id is not null and fulfilled_location_id != location_id
),

twice as (
    {{ break_candidate(
        'FUL-07', 'shipment', 'shipment_key', 'shipped_at', partner='partner', expected='first_tracking_number',
        actual='tracking_number', money='total_amount', evidence={'shipment_id': 'shipment_id'}
    ) }}
    from repeated
),

late as (
    {{ break_candidate(
        'FUL-09', 'shipment', 'shipment_key', 'shipped_at', partner='partner', expected='labeled_at',
        actual='shipped_at', money='null', evidence={'shipment_id': 'shipment_id'}
    ) }}
    from shipments
    where
        -- labelled before the cut-off of a day: not even the hours after it reach the next one
        {{ business_date(add_minutes('labeled_at', 1440 - 60 * var('ship_cut_off_hour')), 'time_zone') }}
        = {{ business_date('labeled_at', 'time_zone') }}
        and {{ business_date('shipped_at', 'time_zone') }} > {{ business_date('labeled_at', 'time_zone') }}
)

{% for found in ['content_1', 'content_2', 'content_3', 'from_elsewhere', 'twice', 'late'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
